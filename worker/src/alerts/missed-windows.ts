/**
 * The windows of a rule that no check has counted, because OpenSearch or the cron job failed. Each of them has the length of the rule's
 * window: a longer one would reach the threshold with fewer logs per minute. Only rules with "at least" have them. For "less than", logs of
 * that time may still wait to be stored, so an outage would fire the rule.
 */
import * as z from "zod";
import type { AlertRule } from "#contract/api/alerts.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { countLogs, type LogSelection } from "./count-logs.ts";
import type { Notification } from "./evaluate.ts";

/** Checks are a minute apart; a cron job may be a few seconds late. */
const MAX_GAP_MS = 90 * SECOND_MS;

/** Missed windows are counted again for this time: logs of an outage are stored after it. */
const LATE_MS = 5 * MINUTE_MS;

/** Windows that ended before are not counted any more. */
const MAX_MISSED_MS = DAY_MS;

/** The response for one rule has up to two buckets for each minute of a day. */
const MAX_SEARCHES = 25;

/** The ends of the missed windows, without `fromMs`. */
export interface Missed {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The missed windows of a rule, at most those of a day and since its last change.
 *
 * @param toMs End of the window of this check.
 * @param countedToMs End of the windows of the last check of all rules.
 */
export const findMissed = (rule: AlertRule, toMs: number, countedToMs: number | undefined): Missed | undefined => {
  const { missed } = rule.state;
  if (rule.condition === "less_than") return undefined;
  const starts: number[] = [];
  let endMs = toMs;
  if (missed !== undefined && (missed.to === undefined || toMs - Date.parse(missed.to) < LATE_MS)) {
    starts.push(Date.parse(missed.from));
    if (missed.to !== undefined) endMs = Date.parse(missed.to);
  }
  if (countedToMs !== undefined && toMs - countedToMs > MAX_GAP_MS) {
    starts.push(countedToMs);
    endMs = toMs;
  }
  const fromMs = Math.max(Math.min(...starts), toMs - MAX_MISSED_MS, Date.parse(rule.updatedAt));
  return starts.length > 0 && fromMs < endMs ? { fromMs, toMs: endMs } : undefined;
};

/** The window with the most logs, of those that end every minute from `toMs` back to `fromMs`. */
export const findLargestWindow = (
  countsByMinute: ReadonlyMap<number, number>,
  { fromMs, toMs }: Missed,
  windowMinutes: number,
): Notification => {
  const countAt = (ms: number): number => countsByMinute.get(ms) ?? 0;
  let count = 0;
  for (let i = 1; i <= windowMinutes; i += 1) count += countAt(toMs - i * MINUTE_MS);
  let largest = { count, endMs: toMs };
  for (let endMs = toMs - MINUTE_MS; endMs > fromMs; endMs -= MINUTE_MS) {
    count += countAt(endMs - windowMinutes * MINUTE_MS) - countAt(endMs);
    if (count > largest.count) largest = { count, endMs };
  }
  return { count: largest.count, at: new Date(largest.endMs).toISOString() };
};

const bucketsSchema = z
  .object({ buckets: z.array(z.object({ key: z.number(), doc_count: z.int() })) })
  .prefault({ buckets: [] });

/** The missed windows of a rule with the logs of all of them. */
export interface MissedSelection {
  readonly missed: Missed;
  readonly windowMinutes: number;
  readonly selection: LogSelection;
}

/** The largest of the missed windows of each rule; `undefined` if they cannot be counted. */
export const countMissed = async (
  client: StoreClient,
  all: readonly MissedSelection[],
): Promise<readonly (Notification | undefined)[]> => {
  const selections = all.map(({ missed, selection }): LogSelection => {
    const offset = `+${missed.toMs % MINUTE_MS}ms`;
    const histogram = { field: "@timestamp", fixed_interval: "1m", offset, min_doc_count: 1 };
    return { ...selection, aggs: { minutes: { date_histogram: histogram } } };
  });
  const counts = await countLogs(client, selections, MAX_SEARCHES);
  return all.map(({ missed, windowMinutes }, i) => {
    const counted = counts[i];
    if (counted?.ok !== true) return undefined;
    const { buckets } = bucketsSchema.parse(counted.aggregations["minutes"]);
    return findLargestWindow(new Map(buckets.map(({ key, doc_count: n }) => [key, n])), missed, windowMinutes);
  });
};
