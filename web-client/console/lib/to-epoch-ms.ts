import { parseTime } from "#contract/query/parse-time.ts";

/** A `from` or `to` of the address in milliseconds since 1970, by this browser's clock; `NaN` if it is invalid. */
export const toEpochMs = (text: string, nowMs = Date.now()): number => {
  const ms = parseTime(text, nowMs) ?? Number.NaN;
  // A number can be larger than any date.
  return new Date(ms).getTime();
};
