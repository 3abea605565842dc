/** The logs that each app sent today (UTC), from OpenSearch. */
import { countUsage, usageSearchSchema, type AppCounts } from "#contract/store/count-usage.ts";
import type { OpenSearch } from "../../opensearch/connect.ts";
import { formatByteCount } from "#contract/wire/quantity.ts";

/** Sorted by bytes, then by events, in descending order. */
export const readUsage = async (opensearch: OpenSearch): Promise<readonly AppCounts[]> => {
  const day = new Date().toISOString().slice(0, 10);
  return await countUsage(async (pattern, body) => {
    const path = `/${pattern}/_search?ignore_unavailable=true`;
    return usageSearchSchema.parse(await opensearch.request("POST", path, body));
  }, day);
};

const toPercent = (part: number, whole: number): string => `${whole === 0 ? 0 : Math.round((100 * part) / whole)} %`;

/** A table, one row for each app. `OF BYTES` is the part that rejected events have. The share is that of bytes, or of events if no sizes are stored. */
export const toUsageTable = (usage: readonly AppCounts[]): string => {
  const bytes = usage.reduce((sum, each) => sum + each.bytes, 0);
  const events = usage.reduce((sum, each) => sum + each.events, 0);
  const rows = [
    ["APP", "EVENTS", "BYTES", "REJECTED", "OF BYTES", "OVER QUOTA", "SHARE"],
    ...usage.map((each) => [
      each.app,
      String(each.events),
      formatByteCount(each.bytes),
      String(each.rejected),
      formatByteCount(each.rejectedBytes),
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
