/**
 * Counts the logs that arrived on a day by app, with searches in OpenSearch. Used by the Worker's cron job and by
 * `npm run app -- usage`.
 */
import * as z from "zod";
import { DAY_MS } from "#contract/wire/durations.ts";
import { LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "./log-document.ts";
import { MAX_USAGE_APPS, type AppUsage } from "./usage.ts";

/** The body of the response to a search of {@link countUsage}. Without any index there are no aggregations. */
export const usageSearchSchema = z.object({
  aggregations: z
    .object({
      apps: z.object({
        buckets: z.array(
          z.object({ key: z.string(), doc_count: z.int(), sum: z.object({ value: z.number() }).optional() }),
        ),
      }),
    })
    .optional(),
});

/** Searches the indices of a pattern. */
export type UsageSearch = (pattern: string, body: object) => Promise<z.output<typeof usageSearchSchema>>;

/** The counts of an app, without its quotas. */
export type AppCounts = Omit<AppUsage, "bytesPerDay" | "eventsPerSecond">;

interface AppCount {
  readonly events: number;
  readonly sum: number;
}

/** Counts documents by app, and sums a field. The apps with the largest sums come first. */
const countByApp = async (
  search: UsageSearch,
  pattern: string,
  query: object,
  sum: object,
): Promise<ReadonlyMap<string, AppCount>> => {
  const terms = { field: "edgelog.app", size: MAX_USAGE_APPS, order: { sum: "desc" } };
  const body = { size: 0, track_total_hits: false, query, aggs: { apps: { terms, aggs: { sum: { sum } } } } };
  const { aggregations } = await search(pattern, body);
  return new Map(
    (aggregations?.apps.buckets ?? []).map(({ key, doc_count: events, sum: total }) => [
      key,
      { events, sum: total?.value ?? 0 },
    ]),
  );
};

const OVER_QUOTA = { term: { reason: "over_quota" } };

/**
 * Sorted by bytes, then by events, in descending order.
 *
 * @param day A day in UTC, for instance `2026-11-29`.
 */
export const countUsage = async (search: UsageSearch, day: string): Promise<readonly AppCounts[]> => {
  const startMs = Date.parse(day);
  const arrived = (field: string): object => ({
    range: { [field]: { gte: startMs, lt: startMs + DAY_MS, format: "epoch_millis" } },
  });
  // A document of the rejected store can contain several events.
  const events = { field: "event.count", missing: 1 };
  const rejectedToday = arrived("@timestamp");
  const [stored, rejected, overQuota] = await Promise.all([
    countByApp(search, LOGS_INDEX_PATTERN, arrived("observedTimestamp"), { field: "edgelog.bytes" }),
    countByApp(search, REJECTED_INDEX_PATTERN, { bool: { filter: [rejectedToday], must_not: [OVER_QUOTA] } }, events),
    countByApp(search, REJECTED_INDEX_PATTERN, { bool: { filter: [rejectedToday, OVER_QUOTA] } }, events),
  ]);
  const apps = new Set([...stored.keys(), ...rejected.keys(), ...overQuota.keys()]);
  return [...apps]
    .map((app) => ({
      app,
      bytes: stored.get(app)?.sum ?? 0,
      events: stored.get(app)?.events ?? 0,
      rejected: rejected.get(app)?.sum ?? 0,
      overQuota: overQuota.get(app)?.sum ?? 0,
    }))
    .toSorted((a, b) => b.bytes - a.bytes || b.events - a.events)
    .slice(0, MAX_USAGE_APPS);
};
