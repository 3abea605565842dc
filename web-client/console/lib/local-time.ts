/** Values of `<input type="datetime-local">`, which have no time zone: they are in the one in which times are shown. */
import { timeZone } from "./format-time.ts";

/** Formats milliseconds since 1970 for the input; "" for `NaN`. */
export const toInputValue = (ms: number): string => {
  if (Number.isNaN(ms)) return "";
  const offsetMs = timeZone.value === "utc" ? 0 : new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - offsetMs).toISOString().slice(0, 19);
};

/** Parses the input's value to milliseconds since 1970; `NaN` if it is empty. */
export const parseInputValue = (text: string): number => Date.parse(timeZone.value === "utc" ? `${text}Z` : text);
