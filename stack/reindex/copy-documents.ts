/** Copies documents from one index to another with a task of OpenSearch, which continues if this process is killed. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { isNotFound, type OpenSearch } from "../../opensearch/connect.ts";
import { StackError } from "../lib/stack-error.ts";

const POLL_MS = 500;

export interface CopyOptions {
  /** Copies only documents that changed after this sequence number. */
  readonly afterSeqNo?: number;
  /** Stops waiting. The task continues until {@link cancelCopies}. */
  readonly signal?: AbortSignal | undefined;
}

const taskSchema = z.object({
  completed: z.boolean(),
  response: z
    .object({ created: z.int(), canceled: z.string().optional(), failures: z.array(z.unknown()).default([]) })
    .optional(),
  error: z.object({ reason: z.string().optional() }).optional(),
});

/** Copies the documents that the target lacks, and changes no other. Returns their number. */
export const copyDocuments = async (
  opensearch: OpenSearch,
  source: string,
  target: string,
  { afterSeqNo = -1, signal }: CopyOptions = {},
): Promise<number> => {
  const { task } = z.object({ task: z.string() }).parse(
    await opensearch.request("POST", "/_reindex?wait_for_completion=false", {
      conflicts: "proceed",
      source: { index: source, query: { range: { _seq_no: { gt: afterSeqNo } } } },
      dest: { index: target, op_type: "create" },
    }),
  );
  for (;;) {
    signal?.throwIfAborted();
    const { completed, response, error } = taskSchema.parse(await opensearch.request("GET", `/_tasks/${task}`));
    if (!completed) {
      await sleep(POLL_MS);
      continue;
    }
    if (response === undefined || error !== undefined) throw new StackError(`The copy failed: ${error?.reason ?? "?"}`);
    if (response.canceled !== undefined) throw new StackError(`The copy was canceled: ${response.canceled}`);
    // A conflict is a document that the target already has. It is counted, and is not a failure.
    if (response.failures.length > 0) throw new StackError(`${response.failures.length} documents were not copied.`);
    return response.created;
  }
};

const tasksSchema = z.object({
  nodes: z.record(z.string(), z.object({ tasks: z.record(z.string(), z.object({ description: z.string() })) })),
});

/** Ends the tasks that copy to an index. They would create it again after it is deleted. */
export const cancelCopies = async (opensearch: OpenSearch, target: string): Promise<void> => {
  for (;;) {
    const { nodes } = tasksSchema.parse(
      await opensearch.request("GET", "/_tasks?actions=*data/write/reindex&detailed"),
    );
    const running = Object.values(nodes)
      .flatMap(({ tasks }) => Object.entries(tasks))
      .filter(([, { description }]) => description.endsWith(` to [${target}]`));
    if (running.length === 0) return;
    for (const [id] of running) {
      await opensearch.request("POST", `/_tasks/${id}/_cancel`).catch((error: unknown) => {
        // The task has ended meanwhile.
        if (!isNotFound(error)) throw error;
      });
    }
    await sleep(POLL_MS);
  }
};
