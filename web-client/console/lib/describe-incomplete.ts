/** Describes the logs that an incomplete response lacks. Pure. */
import type { Incomplete } from "#contract/api/incomplete.ts";
import { parseIndexPeriod, type IndexPeriod } from "#contract/store/index-period.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { pluralize } from "#contract/wire/quantity.ts";

/** A response that may lack logs; `undefined` while it loads. */
export type MayBeIncomplete = { readonly incomplete?: Incomplete | undefined } | undefined;

const SHARED = /^logs-\d+d-(skewed|undated)$/;
const MAX_DAYS = 3;
const dayFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
const listFormat = new Intl.ListFormat("en", { type: "conjunction" });

/** The missing parts of several responses together; `undefined` if all of them are complete. */
export const mergeIncomplete = (answers: readonly MayBeIncomplete[]): Incomplete | undefined => {
  const parts = answers.flatMap((answer) => answer?.incomplete ?? []);
  if (parts.length === 0) return undefined;
  const indices = [...new Set(parts.flatMap((part) => part.indices))].toSorted();
  return { failedShards: Math.max(indices.length, ...parts.map(({ failedShards }) => failedShards)), indices };
};

const toText = ({ startMs, endMs }: IndexPeriod): string =>
  endMs - startMs === DAY_MS ? dayFormat.format(startMs) : dayFormat.formatRange(startMs, endMs - 1);

/** Periods of one kind of index, newest first, as `28 Nov 2026 and 29 Nov 2026 (UTC)`. */
const listPeriods = (periods: readonly IndexPeriod[]): string => {
  const sorted = periods.toSorted((a, b) => b.startMs - a.startMs);
  const texts = [...new Set(sorted.map(toText))];
  const shown = texts.slice(0, MAX_DAYS);
  const rest = texts.length - shown.length;
  const unit = periods.every(({ unit: each }) => each === "day") ? "earlier day" : "earlier period";
  return `${listFormat.format(rest === 0 ? shown : [...shown, pluralize(rest, unit)])} (UTC)`;
};

/**
 * The logs that may be missing, as the start of a sentence.
 *
 * @example
 * ```ts
 * describeIncomplete(["logs-30d-2026.11.29", "rejected-2026.11.29"]);
 * // "Logs of 29 Nov 2026 (UTC) and rejected payloads of 29 Nov 2026 (UTC)"
 * ```
 */
export const describeIncomplete = (indices: readonly string[]): string => {
  const logs: IndexPeriod[] = [];
  const rejected: IndexPeriod[] = [];
  let hasSkewed = false;
  let hasUndated = false;
  let hasUnknown = indices.length === 0;
  for (const index of indices) {
    const shared = SHARED.exec(index)?.[1];
    const period = parseIndexPeriod(index);
    if (shared === "skewed") hasSkewed = true;
    else if (shared === "undated") hasUndated = true;
    else if (period === undefined) hasUnknown = true;
    else if (period.kind === "rejected") rejected.push(period);
    else logs.push(period);
  }
  const parts = [
    ...(logs.length > 0 ? [`logs of ${listPeriods(logs)}`] : []),
    ...(rejected.length > 0 ? [`rejected payloads of ${listPeriods(rejected)}`] : []),
    ...(hasSkewed ? ["logs with an implausible time"] : []),
    ...(hasUndated ? ["logs without a time"] : []),
    ...(hasUnknown ? [indices.length <= 1 ? "logs" : "other logs"] : []),
  ];
  const text = listFormat.format(parts);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
};
