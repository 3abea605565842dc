/** Counts and deletes the logs in OpenSearch. */
import type { Stack } from "../../stack/stack.ts";
import { queryOpenSearch } from "../../tests/support/query-opensearch.ts";
import { waitFor } from "../../tests/support/wait-for.ts";

type Store = Pick<Stack, "file">;

/** A merge of millions of logs takes minutes. */
const MERGE_DEADLINE_MS = 600_000;

/** Makes all stored logs searchable. */
export const refreshLogs = async ({ file }: Store): Promise<void> => {
  await queryOpenSearch(file.opensearch, "/logs-*/_refresh");
};

export const countLogs = async (stack: Store): Promise<number> => {
  await refreshLogs(stack);
  return (await queryOpenSearch<{ count: number }>(stack.file.opensearch, "/logs-*/_count")).count;
};

/** Merges that a measurement has caused would take CPU time from the next one. */
export const waitUntilMerged = async ({ file }: Store): Promise<void> => {
  const countMerges = async (): Promise<number> => {
    const path = "/_stats/merge?filter_path=_all.total.merges.current";
    const stats = await queryOpenSearch<{ _all?: { total: { merges: { current: number } } } }>(
      file.opensearch,
      path,
      undefined,
      "GET",
    );
    return stats._all?.total.merges.current ?? 0;
  };
  await waitFor("the merges of OpenSearch", async () => (await countMerges()) === 0, { deadlineMs: MERGE_DEADLINE_MS });
};

/** Deletes all logs, so that the next row starts with an empty store. */
export const deleteLogs = async ({ file }: Store): Promise<void> => {
  const indices = await queryOpenSearch<readonly { index: string }[]>(
    file.opensearch,
    "/_cat/indices/logs-*,rejected-*?format=json&h=index",
    undefined,
    "GET",
  );
  for (const { index } of indices) await queryOpenSearch(file.opensearch, `/${index}`, undefined, "DELETE");
};
