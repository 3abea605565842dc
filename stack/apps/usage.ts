/** The logs that each app sent today (UTC), from OpenSearch. */
import { LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { MAX_USAGE_APPS, type AppUsage } from "#contract/store/usage.ts";
import type { OpenSearch } from "../../opensearch/connect.ts";
import { formatBytes } from "./quota.ts";

interface Bucket {
  readonly key: string;
  readonly doc_count: number;
  readonly bytes?: { readonly value: number };
  readonly count?: { readonly value: number };
}

interface AggregationResponse {
  readonly aggregations?: { readonly apps: { readonly buckets: readonly Bucket[] } };
}

const OVER_QUOTA = { term: { reason: "over_quota" } } as const;

const aggregate = async (
  opensearch: OpenSearch,
  indices: string,
  query: object,
  aggs: object,
): Promise<readonly Bucket[]> => {
  const body = { size: 0, query, aggs: { apps: { terms: { field: "edgelog.app", size: MAX_USAGE_APPS }, aggs } } };
  const path = `/${indices}/_search?ignore_unavailable=true`;
  return ((await opensearch.request("POST", path, body)) as AggregationResponse).aggregations?.apps.buckets ?? [];
};

/** Sorted by bytes, then by events, in descending order. */
export const readUsage = async (opensearch: OpenSearch): Promise<readonly AppUsage[]> => {
  const today = (field: string): object => ({ range: { [field]: { gte: "now/d" } } });
  const count = { count: { sum: { field: "event.count", missing: 1 } } };
  const rejectedToday = today("@timestamp");
  const [stored, rejected, overQuota] = await Promise.all([
    aggregate(opensearch, LOGS_INDEX_PATTERN, today("observedTimestamp"), {
      bytes: { sum: { field: "edgelog.bytes" } },
    }),
    aggregate(opensearch, REJECTED_INDEX_PATTERN, { bool: { filter: [rejectedToday], must_not: [OVER_QUOTA] } }, count),
    aggregate(opensearch, REJECTED_INDEX_PATTERN, { bool: { filter: [rejectedToday, OVER_QUOTA] } }, count),
  ]);
  const countOf = (buckets: readonly Bucket[], app: string): number => {
    const bucket = buckets.find(({ key }) => key === app);
    return bucket?.count?.value ?? bucket?.doc_count ?? 0;
  };
  const apps = new Set([...stored, ...rejected, ...overQuota].map(({ key }) => key));
  return [...apps]
    .map((app) => {
      const bucket = stored.find(({ key }) => key === app);
      return {
        app,
        events: bucket?.doc_count ?? 0,
        bytes: bucket?.bytes?.value ?? 0,
        rejected: countOf(rejected, app),
        overQuota: countOf(overQuota, app),
      };
    })
    .sort((a, b) => b.bytes - a.bytes || b.events - a.events);
};

const toPercent = (part: number, whole: number): string => `${whole === 0 ? 0 : Math.round((100 * part) / whole)} %`;

/** A table, one row for each app. The share is that of bytes, or of events if no sizes are stored. */
export const toUsageTable = (usage: readonly AppUsage[]): string => {
  const bytes = usage.reduce((sum, each) => sum + each.bytes, 0);
  const events = usage.reduce((sum, each) => sum + each.events, 0);
  const rows = [
    ["APP", "EVENTS", "BYTES", "REJECTED", "OVER QUOTA", "SHARE"],
    ...usage.map((each) => [
      each.app,
      String(each.events),
      formatBytes(each.bytes),
      String(each.rejected),
      String(each.overQuota),
      bytes > 0 ? toPercent(each.bytes, bytes) : toPercent(each.events, events),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  "),
    )
    .join("\n");
};
