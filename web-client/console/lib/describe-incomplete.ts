/** Describes the logs that an incomplete response lacks. Pure. */
import type { Incomplete } from "#contract/api/incomplete.ts";
import { pluralize } from "./format-number.ts";

/** A response that may lack logs; `undefined` while it loads. */
export type MayBeIncomplete = { readonly incomplete?: Incomplete | undefined } | undefined;

const NAME = /^(logs|rejected)-(?:\d+d-)?(?:(\d{4})\.(\d{2})\.(\d{2})|(skewed|undated))$/;
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

/** Days of one kind of index, newest first, as `28 Nov 2026 and 29 Nov 2026 (UTC)`. */
const listDays = (times: readonly number[]): string => {
  const sorted = [...new Set(times)].toSorted((a, b) => b - a);
  const shown = sorted.slice(0, MAX_DAYS).map((time) => dayFormat.format(time));
  const rest = sorted.length - shown.length;
  return `${listFormat.format(rest === 0 ? shown : [...shown, pluralize(rest, "earlier day")])} (UTC)`;
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
  const logDays: number[] = [];
  const rejectedDays: number[] = [];
  let hasSkewed = false;
  let hasUndated = false;
  let hasUnknown = indices.length === 0;
  for (const index of indices) {
    const [, kind, year, month, day, shared] = NAME.exec(index) ?? [];
    if (kind === undefined) hasUnknown = true;
    else if (shared === "skewed") hasSkewed = true;
    else if (shared === "undated") hasUndated = true;
    else (kind === "logs" ? logDays : rejectedDays).push(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  }
  const parts = [
    ...(logDays.length > 0 ? [`logs of ${listDays(logDays)}`] : []),
    ...(rejectedDays.length > 0 ? [`rejected payloads of ${listDays(rejectedDays)}`] : []),
    ...(hasSkewed ? ["logs with an implausible time"] : []),
    ...(hasUndated ? ["logs without a time"] : []),
    ...(hasUnknown ? [indices.length <= 1 ? "logs" : "other logs"] : []),
  ];
  const text = listFormat.format(parts);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
};
