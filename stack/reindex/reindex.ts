/**
 * Gives an existing index the mapping of the current templates, while logs are stored in it and found.
 *
 * The copy is hidden until it replaces the index, so that a search finds each log once. It takes over the name as an alias, so that an event
 * that is sent again meets its document.
 */
import * as z from "zod";
import { parseIndexPeriod } from "#contract/store/index-period.ts";
import { isNotFound, type OpenSearch } from "../../opensearch/connect.ts";
import { formatError, StackError } from "../lib/stack-error.ts";
import { cancelCopies, copyDocuments } from "./copy-documents.ts";
import { toBaseName, toGeneration } from "./copy-names.ts";

const countSchema = z.object({ count: z.int(), _shards: z.object({ failed: z.literal(0) }) });

const countDocuments = async (opensearch: OpenSearch, index: string): Promise<number> => {
  await opensearch.request("POST", `/${index}/_refresh`);
  return countSchema.parse(await opensearch.request("GET", `/${index}/_count`)).count;
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
  return { source, target: `${name}-r${toGeneration(source) + 1}` };
};

const setBlock = (opensearch: OpenSearch, index: string, isBlocked: boolean): Promise<unknown> =>
  opensearch.request("PUT", `/${index}/_settings`, { "index.blocks.write": isBlocked ? true : null });

const settingsSchema = z.record(
  z.string(),
  z.object({ settings: z.object({ index: z.object({ hidden: z.string().optional() }) }) }),
);

/** Whether a run that was killed has left a copy. Throws if an index that is not a copy has its name. */
const isLeftOver = async (opensearch: OpenSearch, target: string): Promise<boolean> => {
  const found = await opensearch.request("GET", `/${target}/_settings`).catch((error: unknown) => {
    if (isNotFound(error)) return {};
    throw error;
  });
  const settings = settingsSchema.parse(found)[target]?.settings;
  if (settings === undefined) return false;
  if (settings.index.hidden === "true") return true;
  throw new StackError(
    `${target} exists and is not hidden, so it may have logs that ${toBaseName(target)} lacks. Compare them, and delete it.`,
  );
};

/**
 * Deletes the copy and allows writes to the index again. The copy is deleted last: as long as it exists, the next run repeats this.
 *
 * Fails, and deletes nothing, if the copy has replaced the index: then `source` is an alias, to which the first action does not apply.
 */
const removeCopy = async (opensearch: OpenSearch, source: string, target: string): Promise<void> => {
  await cancelCopies(opensearch, target);
  await setBlock(opensearch, source, false);
  await opensearch.request("POST", "/_aliases", {
    actions: [
      { remove: { index: source, alias: `${target}-unused`, must_exist: false } },
      { remove_index: { index: target } },
    ],
  });
};

const aliasesSchema = z.record(z.string(), z.object({ aliases: z.record(z.string(), z.unknown()) }));

/**
 * Creates a hidden copy without the aliases of its template, through which a search would find its documents a second time.
 * Returns the aliases.
 */
const createCopy = async (opensearch: OpenSearch, target: string): Promise<readonly string[]> => {
  await opensearch.request("PUT", `/${target}`, { settings: { "index.hidden": true } });
  const found = aliasesSchema.parse(await opensearch.request("GET", `/${target}/_alias`));
  const aliases = Object.keys(found[target]?.aliases ?? {});
  const actions = aliases.map((alias) => ({ remove: { index: target, alias } }));
  if (actions.length > 0) await opensearch.request("POST", "/_aliases", { actions });
  return aliases;
};

export interface ReindexOptions {
  readonly log: (line: string) => void;
  /** Keeps the index and removes the copy, unless the copy has replaced the index. */
  readonly signal?: AbortSignal;
}

/**
 * Throws, and keeps the index, if a document is deleted meanwhile, or if the copy is not complete. Repairs the index first if an earlier
 * run was killed.
 *
 * @param name An index of logs or rejected events, without the suffix of a copy.
 */
export const reindex = async (opensearch: OpenSearch, name: string, { log, signal }: ReindexOptions): Promise<void> => {
  if (parseIndexPeriod(name) === undefined || toBaseName(name) !== name) {
    throw new StackError(
      `${name} is not the name of an index of logs or rejected events, such as logs-30d-2026.11.29.`,
    );
  }
  const { source, target } = await findNames(opensearch, name);
  if (await isLeftOver(opensearch, target)) {
    await removeCopy(opensearch, source, target);
    log(`Deleted ${target}, which an interrupted run had left`);
  }
  signal?.throwIfAborted();
  const aliases = await createCopy(opensearch, target);
  try {
    const seen = await fetchCheckpoint(opensearch, source);
    await opensearch.request("POST", `/${source}/_refresh`);
    log(`Copied ${await copyDocuments(opensearch, source, target, { signal })} documents to ${target}`);
    const blockedMs = Date.now();
    await setBlock(opensearch, source, true);
    await opensearch.request("POST", `/${source}/_refresh`);
    const late = await copyDocuments(opensearch, source, target, { afterSeqNo: seen, signal });
    const [before, after] = [await countDocuments(opensearch, source), await countDocuments(opensearch, target)];
    if (before !== after) {
      throw new StackError(
        `${source} has ${before} documents and its copy ${after}: were logs erased? Repeat the command.`,
      );
    }
    signal?.throwIfAborted();
    await opensearch.request("POST", "/_aliases", {
      actions: [
        ...[name, ...aliases].map((alias) => ({ add: { index: target, alias } })),
        { remove_index: { index: source } },
      ],
    });
    await opensearch.request("PUT", `/${target}/_settings`, { "index.hidden": null });
    log(`Copied ${late} more while writes were blocked for ${Date.now() - blockedMs} ms`);
    log(`${target} has replaced ${source}: ${after} documents`);
  } catch (error) {
    await removeCopy(opensearch, source, target).catch((problem: unknown) => {
      if (isNotFound(problem)) return;
      log(`${target} was not removed; run the same command again. ${formatError(problem)}`);
    });
    throw error;
  }
};
