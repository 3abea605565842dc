/**
 * Deletes expired logs. Runs from the Worker's cron trigger, so that it works on any OpenSearch without plugins.
 *
 * A daily index is deleted when its whole day is older than its retention class. Logs whose own clock was implausible
 * share one index per class, and so do logs without a time. From these indices documents are deleted individually.
 */
import { DAY_MS } from "#contract/wire/durations.ts";
import {
  LOGS_INDEX_PATTERN,
  REJECTED_INDEX_PATTERN,
  skewedLogsIndex,
  undatedLogsIndex,
} from "#contract/store/log-document.ts";
import { REJECTED_RETENTION_DAYS, RETENTION_CLASSES_DAYS } from "#contract/wire/limits.ts";
import { saveErrorGroups } from "./error-groups/update-groups.ts";
import { logWarning } from "./logger.ts";
import type { StoreClient } from "./opensearch/client.ts";
import { MATCH_ALL, range } from "./query/clauses.ts";

const NAME = /^(?:logs-(\d+)d|rejected)-(\d{4})\.(\d{2})\.(\d{2})$/;

/** Whether every document of a daily index is past its retention. Indices with other names never expire. */
export const isExpired = (index: string, nowMs: number): boolean => {
  const match = NAME.exec(index);
  if (match === null) return false;
  const [, days = REJECTED_RETENTION_DAYS, year, month, day] = match;
  const endOfDayMs = Date.UTC(Number(year), Number(month) - 1, Number(day)) + DAY_MS;
  return endOfDayMs < nowMs - Number(days) * DAY_MS;
};

const listIndices = async (client: StoreClient): Promise<readonly string[]> => {
  const { status, body } = await client.request(
    "GET",
    `/_cat/indices/${LOGS_INDEX_PATTERN},${REJECTED_INDEX_PATTERN}?format=json&h=index&expand_wildcards=open,closed`,
  );
  if (status !== 200 || !Array.isArray(body)) throw new Error(`OpenSearch did not list its indices: status ${status}`);
  return body.flatMap((row: { index?: unknown }) => (typeof row.index === "string" ? [row.index] : []));
};

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
      error: error instanceof Error ? error.message : "unknown",
    });
    return isExpired(index, nowMs - MAX_POSTPONED_MS);
  }
};

/** Applies retention once. Returns the names of the deleted indices. Throws when OpenSearch is unavailable. */
export const applyRetention = async (client: StoreClient, nowMs: number): Promise<readonly string[]> => {
  const indices = await listIndices(client);
  const deleted: string[] = [];
  for (const index of indices.filter((each) => isExpired(each, nowMs))) {
    if (!(await saveBeforeDelete(client, index, nowMs))) continue;
    await client.request("DELETE", `/${index}`);
    deleted.push(index);
  }
  if (deleted.length > 0) logWarning("retention deleted indices", { indices: deleted.join(" ") });
  const shared = RETENTION_CLASSES_DAYS.flatMap((days) =>
    [skewedLogsIndex(days), undatedLogsIndex(days)].map((index) => ({ days, index })),
  );
  for (const { days, index } of shared) {
    if (!indices.includes(index)) continue;
    const query = range("@timestamp", { lt: new Date(nowMs - days * DAY_MS).toISOString() });
    await saveErrorGroups(client, index, query);
    // A task of OpenSearch: deleting many documents takes longer than a request may. The next run deletes the rest.
    await client.request("POST", `/${index}/_delete_by_query?conflicts=proceed&wait_for_completion=false`, { query });
  }
  return deleted;
};
