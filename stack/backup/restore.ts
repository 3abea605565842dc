/**
 * Restores the indices of a snapshot, one after the other.
 *
 * After a loss of all data clients send at once, so the Worker creates the current indices again. Such an index is restored
 * under a temporary name, and its documents are copied to the index if they are missing there.
 */
import * as z from "zod";
import { isNotFound, OpenSearchError, type OpenSearch } from "../../opensearch/connect.ts";
import { isExpired } from "../../worker/src/retention/plan-retention.ts";
import { fetchRuns } from "../../worker/src/retention/retention-store.ts";
import { formatError, StackError } from "../lib/stack-error.ts";
import { copyDocuments } from "../reindex/copy-documents.ts";
import { toBaseName, toGeneration } from "../reindex/copy-names.ts";
import { toStoreClient } from "../retention/store-client.ts";
import { listSnapshots, REPOSITORY, type Snapshot } from "./snapshots.ts";

/** No pattern of indices or templates matches it. */
const TEMPORARY_PREFIX = "tmp-edgelog-restore-";

/** Time for the primary shard of an existing index to start. */
const HEALTH_TIMEOUT = "30s";

/** Settings of an index in the snapshot that do not apply to the restored one: `npm run reindex` sets them for a while. */
const IGNORED_SETTINGS = ["index.blocks.*", "index.hidden"];

/** Stored in `_meta` of a mapping. */
const restoredSchema = z.object({ snapshot: z.string(), at: z.number() });

const indexSchema = z.object({
  settings: z.object({ index: z.object({ creation_date: z.coerce.number() }) }),
  mappings: z.object({ _meta: z.object({ edgelogRestored: restoredSchema.optional() }).optional() }).default({}),
});

interface ExistingIndex {
  /** Without an alias. */
  readonly name: string;
  readonly createdMs: number;
  /** The last snapshot whose documents were added to it. */
  readonly restored?: z.output<typeof restoredSchema> | undefined;
}

/** @param name Of an index or an alias. */
const findIndex = async (opensearch: OpenSearch, name: string): Promise<ExistingIndex | undefined> => {
  const filter = "filter_path=*.mappings._meta,*.settings.index.creation_date";
  const found = await opensearch.request("GET", `/${name}?${filter}`).catch((error: unknown) => {
    if (isNotFound(error)) return {};
    throw error;
  });
  const indices = Object.entries(z.record(z.string(), indexSchema).parse(found));
  if (indices.length > 1) throw new StackError(`${name} is an alias of several indices.`);
  return indices.map(([index, { settings, mappings }]) => ({
    name: index,
    createdMs: settings.index.creation_date,
    restored: mappings._meta?.edgelogRestored,
  }))[0];
};

const markRestored = (opensearch: OpenSearch, index: string, { snapshot }: Snapshot): Promise<unknown> =>
  opensearch.request("PUT", `/${index}/_mapping`, { _meta: { edgelogRestored: { snapshot, at: Date.now() } } });

const remove = (opensearch: OpenSearch, index: string): Promise<unknown> =>
  opensearch.request("DELETE", `/${index}?ignore_unavailable=true`);

const restoreResponseSchema = z.object({
  snapshot: z.object({ shards: z.object({ total: z.int(), failed: z.int() }) }).optional(),
});

/**
 * Restores one index that does not exist, and waits for it. If a shard fails, it deletes the index and throws.
 *
 * @param temporary Another name for it. The index is then hidden and has no aliases.
 */
const restoreMissing = async (
  opensearch: OpenSearch,
  { snapshot }: Snapshot,
  index: string,
  temporary?: string,
): Promise<void> => {
  const rename = {
    rename_pattern: "(.+)",
    rename_replacement: temporary,
    include_aliases: false,
    index_settings: { "index.hidden": true },
  };
  const path = `/_snapshot/${REPOSITORY}/${snapshot}/_restore?wait_for_completion=true`;
  const response = restoreResponseSchema.parse(
    await opensearch.request("POST", path, {
      indices: index,
      include_global_state: false,
      ignore_index_settings: IGNORED_SETTINGS,
      ...(temporary === undefined ? {} : rename),
    }),
  );
  const shards = response.snapshot?.shards;
  // The index may be complete, and have new logs already.
  if (shards === undefined) throw new StackError("OpenSearch did not report the result. Repeat the command.");
  if (shards.failed === 0) return;
  await remove(opensearch, temporary ?? index);
  throw new StackError(`${shards.failed} of ${shards.total} shards cannot be read from the snapshot.`);
};

/** Throws if the index has no primary shard. */
const assertAvailable = async (opensearch: OpenSearch, index: string): Promise<void> => {
  const path = `/_cluster/health/${index}?wait_for_status=yellow&timeout=${HEALTH_TIMEOUT}`;
  await opensearch.request("GET", path).catch((error: unknown) => {
    if (!(error instanceof OpenSearchError) || error.status !== 408) throw error;
    throw new StackError(`${index} exists and is damaged (red). Delete it, and repeat the command.`);
  });
};

/** Adds the documents that an existing index lacks. Returns their number; `undefined` if it is the index of the snapshot. */
const addMissing = async (
  opensearch: OpenSearch,
  snapshot: Snapshot,
  index: string,
  existing: ExistingIndex,
): Promise<number | undefined> => {
  await assertAvailable(opensearch, existing.name);
  const temporary = `${TEMPORARY_PREFIX}${index}`;
  // A run that was killed can have left it.
  await remove(opensearch, temporary);
  try {
    await restoreMissing(opensearch, snapshot, index, temporary);
    const saved = await findIndex(opensearch, temporary);
    const isSame =
      saved?.createdMs === existing.createdMs && (existing.restored?.at ?? 0) <= snapshot.start_time_in_millis;
    // Documents that the index lacks were deleted on purpose.
    if (isSame) return undefined;
    return await copyDocuments(opensearch, temporary, existing.name);
  } finally {
    await remove(opensearch, temporary);
  }
};

/** The result for one index. */
export type RestoredIndex =
  | {
      readonly index: string;
      readonly outcome: "restored";
      /** Name of the snapshot, if it is older than the selected one, which does not have the index. */
      readonly from?: string;
    }
  | { readonly index: string; readonly outcome: "unchanged" }
  | { readonly index: string; readonly outcome: "added"; readonly documents: number }
  | { readonly index: string; readonly outcome: "failed"; readonly reason: string };

const restoreIndex = async (opensearch: OpenSearch, snapshot: Snapshot, index: string): Promise<RestoredIndex> => {
  const existing = await findIndex(opensearch, toBaseName(index));
  if (existing === undefined) {
    await restoreMissing(opensearch, snapshot, index);
    await markRestored(opensearch, index, snapshot);
    return { index, outcome: "restored" };
  }
  const { name, restored } = existing;
  if (restored?.snapshot === snapshot.snapshot) {
    await assertAvailable(opensearch, name);
    return { index: name, outcome: "unchanged" };
  }
  const documents = await addMissing(opensearch, snapshot, index, existing);
  if (documents === undefined) return { index: name, outcome: "unchanged" };
  await markRestored(opensearch, name, snapshot);
  return { index: name, outcome: "added", documents };
};

/**
 * The indices to restore. Snapshots of older versions can have copies that an interrupted reindex had left: of an index and its
 * copies the oldest one was in use. The holds of retention and the erasures come first.
 */
const selectIndices = ({ indices }: Snapshot): readonly string[] => {
  const selected = new Map<string, string>();
  for (const index of indices.toSorted((a, b) => toGeneration(a) - toGeneration(b))) {
    const name = toBaseName(index);
    if (!selected.has(name)) selected.set(name, index);
  }
  return [...selected.values()].toSorted();
};

const findSnapshot = (snapshots: readonly Snapshot[], name: string | undefined): Snapshot => {
  const snapshot = snapshots.findLast((each) =>
    name === undefined ? each.state === "SUCCESS" : each.snapshot === name,
  );
  if (snapshot !== undefined) return snapshot;
  throw new StackError(`There is no snapshot ${name ?? ""}. Run: npm run backup -- list`);
};

const toFailed =
  (index: string) =>
  (error: unknown): RestoredIndex => ({ index, outcome: "failed", reason: formatError(error) });

/** Enough for a year of hourly runs. */
const MAX_RUNS = 10_000;

/** Indices that retention deleted, for example because of a limit of size. */
const findDeletedByRetention = async (opensearch: OpenSearch): Promise<ReadonlySet<string>> => {
  const runs = await fetchRuns(toStoreClient(opensearch), MAX_RUNS);
  return new Set(
    runs.flatMap(({ deletions }) => deletions.flatMap(({ index, bytes }) => (bytes === undefined ? [] : [index]))),
  );
};

/**
 * Restores the indices that only older snapshots have, each from the newest one that has it: the selected snapshot was then made after a
 * loss. Not those that have expired, and those that retention deleted.
 */
const restoreOlder = async (
  opensearch: OpenSearch,
  older: readonly Snapshot[],
  known: Iterable<string>,
): Promise<readonly RestoredIndex[]> => {
  const seen = new Set([...known, ...(await findDeletedByRetention(opensearch))].map(toBaseName));
  const results: RestoredIndex[] = [];
  for (const snapshot of older.toReversed()) {
    for (const index of selectIndices(snapshot)) {
      const name = toBaseName(index);
      if (seen.has(name) || isExpired(index, Date.now())) continue;
      seen.add(name);
      const restore = async (): Promise<readonly RestoredIndex[]> => {
        if ((await findIndex(opensearch, name)) !== undefined) return [];
        await restoreMissing(opensearch, snapshot, index);
        await markRestored(opensearch, index, snapshot);
        return [{ index, outcome: "restored", from: snapshot.snapshot }];
      };
      results.push(...(await restore().catch((error: unknown) => [toFailed(index)(error)])));
    }
  }
  return results;
};

/**
 * Restores the indices that the cluster lacks, and adds the documents that indices lack which were created again. Changes no
 * document that exists. An index that cannot be restored does not stop the others. Install the index templates first.
 *
 * @param name Of a snapshot. Default: the newest complete one, and for indices that it does not have, those before it.
 */
export const restoreSnapshot = async (
  opensearch: OpenSearch,
  name: string | undefined,
): Promise<readonly RestoredIndex[]> => {
  const snapshots = await listSnapshots(opensearch);
  const snapshot = findSnapshot(snapshots, name);
  const results: RestoredIndex[] = [];
  for (const index of selectIndices(snapshot)) {
    results.push(await restoreIndex(opensearch, snapshot, index).catch(toFailed(index)));
  }
  if (name !== undefined) return results;
  const older = snapshots.slice(0, snapshots.indexOf(snapshot)).filter(({ state }) => state === "SUCCESS");
  const restored = restoreOlder(opensearch, older, snapshot.indices);
  return [...results, ...(await restored.catch((error: unknown) => [toFailed("indices of older snapshots")(error)]))];
};
