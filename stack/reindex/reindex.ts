/**
 * Gives an existing index the mapping of the current templates, while logs are stored in it and found.
 *
 * The copy is hidden until it replaces the index, so that a search finds each log once. It takes over the name as an alias, so that an event
 * that is sent again meets its document.
 */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { parseIndexPeriod } from "#contract/store/index-period.ts";
import type { OpenSearch } from "../../opensearch/connect.ts";
import { StackError } from "../lib/stack-error.ts";

const POLL_MS = 500;

const countSchema = z.object({ count: z.int(), _shards: z.object({ failed: z.literal(0) }) });

const countDocuments = async (opensearch: OpenSearch, index: string): Promise<number> => {
  await opensearch.request("POST", `/${index}/_refresh`);
  return countSchema.parse(await opensearch.request("GET", `/${index}/_count`)).count;
};

const taskSchema = z.object({
  completed: z.boolean(),
  response: z.object({ created: z.int(), failures: z.array(z.unknown()).default([]) }).optional(),
  error: z.object({ reason: z.string().optional() }).optional(),
});

/** Copies the documents that the copy lacks. Returns their number. */
const copy = async (opensearch: OpenSearch, source: string, target: string, after: number): Promise<number> => {
  const { task } = z.object({ task: z.string() }).parse(
    await opensearch.request("POST", "/_reindex?wait_for_completion=false", {
      conflicts: "proceed",
      source: { index: source, query: { range: { _seq_no: { gt: after } } } },
      dest: { index: target, op_type: "create" },
    }),
  );
  for (;;) {
    const { completed, response, error } = taskSchema.parse(await opensearch.request("GET", `/_tasks/${task}`));
    if (!completed) {
      await sleep(POLL_MS);
      continue;
    }
    if (response === undefined || error !== undefined) throw new StackError(`The copy failed: ${error?.reason ?? "?"}`);
    // A conflict is a document that the copy already has. It is counted, and is not a failure.
    if (response.failures.length > 0) throw new StackError(`${response.failures.length} documents were not copied.`);
    return response.created;
  }
};

const statsSchema = z.object({
  indices: z.record(
    z.string(),
    z.object({
      shards: z.record(
        z.string(),
        z.array(
          z.object({ routing: z.object({ primary: z.boolean() }), seq_no: z.object({ local_checkpoint: z.int() }) }),
        ),
      ),
    }),
  ),
});

/**
 * The sequence number up to which all changes of an index with one shard are complete. A search finds all of them after a refresh;
 * of later ones it finds some.
 */
const fetchCheckpoint = async (opensearch: OpenSearch, index: string): Promise<number> => {
  const stats = statsSchema.parse(await opensearch.request("GET", `/${index}/_stats/docs?level=shards`));
  const shards = Object.values(stats.indices[index]?.shards ?? {});
  const primary = shards[0]?.find(({ routing }) => routing.primary);
  if (shards.length !== 1 || primary === undefined) throw new StackError(`${index} does not have exactly one shard.`);
  return primary.seq_no.local_checkpoint;
};

/** The concrete index behind a name, and the name of its copy: the next of the suffixes `-r1`, `-r2`, … */
const findNames = async (opensearch: OpenSearch, name: string): Promise<{ source: string; target: string }> => {
  const indices = Object.keys(
    z.record(z.string(), z.unknown()).parse(await opensearch.request("GET", `/${name}/_alias`)),
  );
  const [source] = indices;
  if (source === undefined || indices.length !== 1) throw new StackError(`There is no index ${name}.`);
  const generation = Number(/-r(\d+)$/.exec(source)?.[1] ?? 0) + 1;
  return { source, target: `${name}-r${generation}` };
};

const setBlock = (opensearch: OpenSearch, index: string, isBlocked: boolean): Promise<unknown> =>
  opensearch.request("PUT", `/${index}/_settings`, { "index.blocks.write": isBlocked ? true : null });

/**
 * Throws, and keeps the index, if a document is deleted meanwhile, or if the copy is not complete.
 *
 * @param name An index of logs or rejected events, without the suffix of a copy.
 */
export const reindex = async (opensearch: OpenSearch, name: string, log: (line: string) => void): Promise<void> => {
  if (parseIndexPeriod(name) === undefined || /-r\d+$/.test(name)) {
    throw new StackError(
      `${name} is not the name of an index of logs or rejected events, such as logs-30d-2026.11.29.`,
    );
  }
  const { source, target } = await findNames(opensearch, name);
  await opensearch.request("PUT", `/${target}`, { settings: { "index.hidden": true } });
  try {
    const seen = await fetchCheckpoint(opensearch, source);
    await opensearch.request("POST", `/${source}/_refresh`);
    log(`Copied ${await copy(opensearch, source, target, -1)} documents to ${target}`);
    const blockedMs = Date.now();
    await setBlock(opensearch, source, true);
    await opensearch.request("POST", `/${source}/_refresh`);
    const late = await copy(opensearch, source, target, seen);
    const [before, after] = [await countDocuments(opensearch, source), await countDocuments(opensearch, target)];
    if (before !== after) {
      throw new StackError(
        `${source} has ${before} documents and its copy ${after}: were logs erased? Repeat the command.`,
      );
    }
    await opensearch.request("POST", "/_aliases", {
      actions: [{ add: { index: target, alias: name } }, { remove_index: { index: source } }],
    });
    await opensearch.request("PUT", `/${target}/_settings`, { "index.hidden": null });
    log(`Copied ${late} more while writes were blocked for ${Date.now() - blockedMs} ms`);
    log(`${target} has replaced ${source}: ${after} documents`);
  } catch (error) {
    const exists = await opensearch.request("GET", `/${source}/_settings`).then(
      () => true,
      () => false,
    );
    if (exists) {
      await setBlock(opensearch, source, false);
      await opensearch.request("DELETE", `/${target}`);
    }
    throw error;
  }
};
