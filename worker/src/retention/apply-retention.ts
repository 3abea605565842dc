/**
 * Deletes expired logs. Runs from the Worker's cron trigger, so that it works on any OpenSearch without plugins.
 *
 * An index is deleted when its whole period is older than its retention class, or when the limits of size require it. Logs whose own
 * clock was implausible share one index per class, and so do logs without a time. From these indices documents are deleted individually.
 * So are those of an index with logs of an app on hold. The next run removes them from the files.
 */
import { v7 as uuidv7 } from "uuid";
import { skewedLogsIndex, undatedLogsIndex } from "#contract/store/log-document.ts";
import type { Deletion, RetentionRun } from "#contract/store/retention.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { RETENTION_CLASSES_DAYS, type RetentionDays } from "#contract/wire/limits.ts";
import { saveErrorGroups } from "../error-groups/update-groups.ts";
import { logWarning } from "../logger.ts";
import { StoreUnavailableError, type StoreClient } from "../opensearch/client.ts";
import { allOf, MATCH_ALL, noneOf, range, terms, type Clause } from "../query/clauses.ts";
import {
  findPurgeable,
  isExpired,
  planRetention,
  type PlannedDeletion,
  type SizeLimits,
  type StoredIndex,
} from "./plan-retention.ts";
import { addHeldDocuments, countDocuments, fetchDisks, fetchHolds, fetchIndices, putRun } from "./retention-store.ts";
import { messageOf } from "../message-of.ts";

/** An index whose error groups cannot be saved, because it is red, is deleted this long after it expired. */
const MAX_POSTPONED_MS = 7 * DAY_MS;

/** Saves the error groups of an index: they are kept longer than their logs. Returns whether the index can be deleted. */
const saveBeforeDelete = async (client: StoreClient, index: string, nowMs: number): Promise<boolean> => {
  if (!index.startsWith("logs-")) return true;
  try {
    await saveErrorGroups(client, index, MATCH_ALL);
    return true;
  } catch (error) {
    logWarning("the error groups of an expired index could not be saved", {
      index,
      error: messageOf(error),
    });
    return isExpired(index, nowMs - MAX_POSTPONED_MS);
  }
};

const ofApps = (apps: readonly string[]): Clause => terms("edgelog.app", apps);

/** A task of OpenSearch: deleting many documents takes longer than a request may. The next run deletes the rest. */
const deleteByQuery = async (client: StoreClient, index: string, query: Clause): Promise<void> => {
  const options = "conflicts=proceed&wait_for_completion=false";
  const { status } = await client.request("POST", `/${index}/_delete_by_query?${options}`, { query });
  if (status !== 200) throw new StoreUnavailableError("deleting expired documents failed", status);
};

/**
 * Removes deleted documents from the files of an index, which OpenSearch does only for an index with new documents. A task of OpenSearch;
 * the documents that this run deletes are removed by the next one.
 */
const purge = async (client: StoreClient, index: string): Promise<void> => {
  const options = "only_expunge_deletes=true&wait_for_completion=false";
  const { status } = await client.request("POST", `/${index}/_forcemerge?${options}`);
  if (status !== 200) logWarning("the files of deleted documents could not be removed", { index, status });
};

/** A deletion with the request that executes it. */
interface Step {
  readonly deletion: Deletion;
  readonly execute: () => Promise<void>;
}

const deleteIndex = async (client: StoreClient, index: string): Promise<void> => {
  const { status } = await client.request("DELETE", `/${index}`);
  if (status !== 200 && status !== 404) throw new StoreUnavailableError("deleting an index failed", status);
};

/** The deletion of an index, or of its documents without those on hold. `undefined`: there is nothing to delete. */
const toStep = async (
  client: StoreClient,
  { name: index, reason, documents, bytes }: PlannedDeletion,
  held: readonly string[],
  nowMs: number,
): Promise<Step | undefined> => {
  const heldCount = held.length === 0 ? 0 : await countDocuments(client, index, ofApps(held));
  if (heldCount === 0) {
    return (await saveBeforeDelete(client, index, nowMs))
      ? { deletion: { index, reason, documents, bytes }, execute: () => deleteIndex(client, index) }
      : undefined;
  }
  const query = noneOf(ofApps(held));
  const others = await countDocuments(client, index, query);
  if (others === 0) return undefined;
  if (index.startsWith("logs-")) await saveErrorGroups(client, index, query);
  const deletion: Deletion = { index, reason, documents: others, held: heldCount };
  return { deletion, execute: () => deleteByQuery(client, index, query) };
};

/** The deletion of expired documents from an index without a period. `undefined`: there is nothing to delete. */
const toSharedStep = async (
  client: StoreClient,
  index: string,
  expired: Clause,
  held: readonly string[],
): Promise<Step | undefined> => {
  const query = held.length === 0 ? expired : allOf([expired, noneOf(ofApps(held))]);
  const documents = await countDocuments(client, index, query);
  if (documents === 0) return undefined;
  await saveErrorGroups(client, index, query);
  return { deletion: { index, reason: "expired", documents }, execute: () => deleteByQuery(client, index, query) };
};

const log = ({ index, reason, documents, held }: Deletion): void =>
  logWarning("retention deleted documents", { index, reason, documents, ...(held === undefined ? {} : { held }) });

/** An index that is red must not prevent the deletion of the others. */
const logFailure = (index: string, error: unknown): undefined => {
  logWarning("retention could not delete documents", { index, error: messageOf(error) });
  return undefined;
};

/** The job runs every hour. It can be interrupted for this time, for example by wrong clocks, before {@link toExpired} keeps a log too long. */
const MAX_PAUSE_MS = 7 * DAY_MS;

/**
 * Logs of the indices without a period that have expired. A log whose time of arrival expired long ago arrived while the clock of this
 * machine was far behind: its own time, which is right, then decides. Others expire by their time of arrival, so that a device whose clock is
 * ahead cannot prolong the retention.
 */
const toExpired = (nowMs: number, days: RetentionDays): Clause => {
  const oldestMs = nowMs - days * DAY_MS;
  const toText = (ms: number): string => new Date(ms).toISOString();
  const arrivedWithWrongClock = allOf([
    range("@timestamp", { lt: toText(oldestMs - MAX_PAUSE_MS) }),
    range("edgelog.claimedTime", { gte: toText(oldestMs), lte: toText(nowMs) }),
  ]);
  return allOf([range("@timestamp", { lt: toText(oldestMs) }), noneOf(arrivedWithWrongClock)]);
};

/** The deletions from the indices without a period. */
const toSharedSteps = async (
  client: StoreClient,
  indices: readonly StoredIndex[],
  held: readonly string[],
  nowMs: number,
): Promise<readonly Step[]> => {
  const steps: Step[] = [];
  for (const days of RETENTION_CLASSES_DAYS) {
    const expired = toExpired(nowMs, days);
    for (const index of [skewedLogsIndex(days), undatedLogsIndex(days)]) {
      if (!indices.some(({ name }) => name === index)) continue;
      const step = await toSharedStep(client, index, expired, held).catch((error: unknown) => logFailure(index, error));
      if (step !== undefined) steps.push(step);
    }
  }
  return steps;
};

/** Whether an app was put on hold after the deletions were planned. */
const isOutdated = async (client: StoreClient, held: readonly string[]): Promise<boolean> =>
  (await fetchHolds(client)).some(({ app }) => !held.includes(app));

/** A search that fails must not prevent the deletion of expired logs. Logs on hold are counted again before each deletion. */
const tryAddHeldDocuments = async (
  client: StoreClient,
  indices: readonly StoredIndex[],
  held: readonly string[],
): Promise<readonly StoredIndex[]> => {
  try {
    return await addHeldDocuments(client, indices, held);
  } catch (error) {
    logWarning("retention could not estimate the size of the logs on hold", {
      error: messageOf(error),
    });
    return indices;
  }
};

/** A full disk makes all indices read-only, which must not prevent the deletions that free it. They are logged anyway. */
const record = async (client: StoreClient, id: string, run: RetentionRun): Promise<void> => {
  try {
    await putRun(client, id, run);
  } catch (error) {
    logWarning("the run of retention could not be recorded", {
      error: messageOf(error),
    });
  }
};

/**
 * Applies retention once, until an app is put on hold meanwhile. Returns what was deleted, which is also logged and stored in the index `edgelog-retention`. Throws when
 * OpenSearch does not list its indices or the holds; then nothing is deleted.
 */
export const applyRetention = async (
  client: StoreClient,
  nowMs: number,
  limits: SizeLimits = {},
): Promise<readonly Deletion[]> => {
  const [indices, holds] = await Promise.all([fetchIndices(client), fetchHolds(client)]);
  const disks = limits.maxDiskShare === undefined ? [] : ((await fetchDisks(client)) ?? []);
  const held = holds.map(({ app }) => app);
  const steps: Step[] = [];
  const counted = await tryAddHeldDocuments(client, indices, held);
  for (const planned of planRetention(counted, nowMs, limits, disks)) {
    const step = await toStep(client, planned, held, nowMs).catch((error: unknown) => logFailure(planned.name, error));
    if (step !== undefined) steps.push(step);
  }
  steps.push(...(await toSharedSteps(client, indices, held, nowMs)));
  for (const { name } of findPurgeable(indices, nowMs)) {
    const isDeleted = steps.some(({ deletion }) => deletion.index === name && deletion.bytes !== undefined);
    if (!isDeleted) await purge(client, name).catch((error: unknown) => logFailure(name, error));
  }
  if (steps.length === 0) return [];
  const id = uuidv7();
  const at = new Date(nowMs).toISOString();
  // Stored before, so that a deletion is recorded even if this invocation is ended in between.
  await record(client, id, { at, deletions: steps.map(({ deletion }) => deletion) });
  const deletions: Deletion[] = [];
  for (const { deletion, execute } of steps) {
    try {
      if (await isOutdated(client, held)) {
        logWarning("an app was put on hold during the run of retention; the next run deletes the rest");
        break;
      }
      await execute();
    } catch (error) {
      logFailure(deletion.index, error);
      continue;
    }
    deletions.push(deletion);
    log(deletion);
  }
  await record(client, id, { at, finishedAt: new Date().toISOString(), deletions });
  return deletions;
};
