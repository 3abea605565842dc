/** Times as readers write them in queries and in the `from` and `to` parameters. */
import { existsInCalendar } from "#contract/check/calendar-time.ts";
import { normalizeTime } from "#contract/check/normalize-time.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, WEEK_MS } from "#contract/wire/durations.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: WEEK_MS,
};

/** `now`, or a time before it such as `now-15m`. Units: s, m, h, d, w. */
export const RELATIVE_TIME = /^now(?:-(\d{1,6})([smhdw]))?$/;

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, by the number of digits, as for the time of an event. */
export const EPOCH_TIME = /^\d{9,20}$/;

/** The numbers that are seconds. */
const EPOCH_SECONDS = /^\d{9,11}$/;

const RFC_3339 = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/i;

/**
 * Parses RFC 3339 (`2026-11-28T12:00:00Z`), a date (midnight UTC), a number since 1970, `now` or a time before it (`now-15m`; units s, m, h, d, w).
 *
 * @returns Milliseconds since 1970; `undefined` if `text` is not a valid time.
 */
export const parseTime = (text: string, nowMs: number): number | undefined => {
  const relative = RELATIVE_TIME.exec(text);
  if (relative !== null) return nowMs - Number(relative[1] ?? 0) * (UNIT_MS[relative[2] ?? "s"] ?? 0);
  if (EPOCH_TIME.test(text)) return Number(normalizeTime(text)?.time);
  const isDate = RFC_3339.test(text) && existsInCalendar(`${text.slice(0, 10)}T00:00`);
  const ms = isDate ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
};

/** The end of the day, minute or second that a text without a smaller unit stands for. */
const PRECISIONS: readonly (readonly [pattern: RegExp, lengthMs: number])[] = [
  [/^\d{4}-\d{2}-\d{2}$/, DAY_MS],
  [/T\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2})$/i, MINUTE_MS],
  [/T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2})$/i, SECOND_MS],
  [EPOCH_SECONDS, SECOND_MS],
];

/**
 * The milliseconds that a time stands for, both inclusive: `2026-11-28` is the whole day in UTC, `2026-11-28T12:00Z` the
 * minute. `undefined` if `text` is not a valid time.
 */
export const parseTimeSpan = (
  text: string,
  nowMs: number,
): { readonly firstMs: number; readonly lastMs: number } | undefined => {
  const firstMs = parseTime(text, nowMs);
  if (firstMs === undefined) return undefined;
  const [, lengthMs = 1] = PRECISIONS.find(([pattern]) => pattern.test(text)) ?? [];
  return { firstMs, lastMs: firstMs + lengthMs - 1 };
};
