/** Values of `<input type="datetime-local">`, which have no time zone: they are in the one in which times are shown. */
import { HOUR_MS, MINUTE_MS } from "#contract/wire/durations.ts";
import { timeZone } from "./format-time.ts";

/** Formats milliseconds since 1970 for the input; "" for `NaN`. */
export const toInputValue = (ms: number): string => {
  if (Number.isNaN(ms)) return "";
  const offsetMs = timeZone.value === "utc" ? 0 : new Date(ms).getTimezoneOffset() * MINUTE_MS;
  return new Date(ms - offsetMs).toISOString().slice(0, 19);
};

/** Parses the input's value to milliseconds since 1970; `NaN` if it is empty. Of an hour that is repeated, it is the first one. */
export const parseInputValue = (text: string): number => Date.parse(timeZone.value === "utc" ? `${text}Z` : text);

/** Longer than an hour that is repeated when the clocks are set back. */
const AFTER_CHANGE_MS = 3 * HOUR_MS;

/** Like {@link parseInputValue}, for the end of a range: of an hour that is repeated, it is the last one. */
export const parseInputEnd = (text: string): number => {
  const ms = parseInputValue(text);
  const [before, after] = [ms, ms + AFTER_CHANGE_MS].map((time) => new Date(time).getTimezoneOffset());
  const last = ms + ((after ?? 0) - (before ?? 0)) * MINUTE_MS;
  return toInputValue(last) === toInputValue(ms) ? last : ms;
};
