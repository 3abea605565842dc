/**
 * Counts the stored and rejected events that arrived on a day by app, with searches in OpenSearch. Used by the Worker's cron job and by
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
          z.object({
            key: z.string(),
            doc_count: z.int(),
            bytes: z.object({ value: z.number() }).optional(),
            events: z.object({ value: z.number() }).optional(),
          }),
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
  readonly bytes: number;
  readonly events: number;
}

const BYTES = { sum: { field: "edgelog.bytes" } };
/** A document of the rejected store can contain several events. */
const REJECTED_EVENTS = { sum: { field: "event.count", missing: 1 } };

/** Sums the documents by app. The apps with the largest sums of the first aggregation come first. Without `events`, a document is one. */
const countByApp = async (
  search: UsageSearch,
  pattern: string,
  query: object,
  aggs: { readonly bytes?: object; readonly events?: object },
): Promise<ReadonlyMap<string, AppCount>> => {
  const order = Object.keys(aggs).map((name) => ({ [name]: "desc" }));
  const terms = { field: "edgelog.app", size: MAX_USAGE_APPS, order };
  const body = { size: 0, track_total_hits: false, query, aggs: { apps: { terms, aggs } } };
  const { aggregations } = await search(pattern, body);
  return new Map(
    (aggregations?.apps.buckets ?? []).map(({ key, doc_count: documents, bytes, events }) => [
      key,
      { bytes: bytes?.value ?? 0, events: events?.value ?? documents },
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
  const rejectedToday = arrived("@timestamp");
  const [stored, rejected, overQuota] = await Promise.all([
    countByApp(search, LOGS_INDEX_PATTERN, arrived("observedTimestamp"), { bytes: BYTES }),
    countByApp(
      search,
      REJECTED_INDEX_PATTERN,
      { bool: { filter: [rejectedToday], must_not: [OVER_QUOTA] } },
      { bytes: BYTES, events: REJECTED_EVENTS },
    ),
    // Without their bytes: the documents have no payload, and must not bring the app further over its quota.
    countByApp(
      search,
      REJECTED_INDEX_PATTERN,
      { bool: { filter: [rejectedToday, OVER_QUOTA] } },
      { events: REJECTED_EVENTS },
    ),
  ]);
  const apps = new Set([...stored.keys(), ...rejected.keys(), ...overQuota.keys()]);
  return [...apps]
    .map((app) => ({
      app,
      bytes: (stored.get(app)?.bytes ?? 0) + (rejected.get(app)?.bytes ?? 0),
      rejectedBytes: rejected.get(app)?.bytes ?? 0,
      events: stored.get(app)?.events ?? 0,
      rejected: rejected.get(app)?.events ?? 0,
      overQuota: overQuota.get(app)?.events ?? 0,
    }))
    .toSorted((a, b) => b.bytes - a.bytes || b.events - a.events)
    .slice(0, MAX_USAGE_APPS);
};
