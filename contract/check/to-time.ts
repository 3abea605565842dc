/**
 * The times of other formats. A time whose unit or zone is not certain is not used: the event then has the time of arrival, and
 * the sender's value stays an attribute.
 */
import { MAX_TIME_MS } from "#contract/wire/limits.ts";
import { existsInCalendar } from "./calendar-time.ts";
import { ExactNumber } from "./exact-number.ts";
import { normalizeTime } from "./normalize-time.ts";

/** RFC 3339, or ISO 8601 with an offset without a colon (Java), without minutes (PostgreSQL), or after a space (Rails). */
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d{1,18}))?(?:([Zz])| ?([+-]\d\d)(?::?(\d\d))?)$/;

/**
 * Numbers are seconds, milliseconds, microseconds or nanoseconds since 1970. Their magnitudes do not overlap for times from 1973
 * to 5138.
 */
const UNITS = [
  { below: 1e11, toMs: (value: number) => value * 1_000 },
  { below: 1e14, toMs: (value: number) => value },
  { below: 1e17, toMs: (value: number) => value / 1_000 },
  { below: 1e20, toMs: (value: number) => value / 1_000_000 },
] as const;

/** Smaller numbers in fields such as `time` are often durations. */
const MIN_TIME = 1e8;

/** @param text A number. Its digits after the milliseconds are kept: the time is then RFC 3339. */
const fromNumber = (text: string): number | string | undefined => {
  const value = Number(text);
  const ms = value >= MIN_TIME ? UNITS.find(({ below }) => value < below)?.toMs(value) : undefined;
  if (ms === undefined || ms > MAX_TIME_MS) return undefined;
  const { time, nanos } = normalizeTime(text) ?? { time: undefined, nanos: 0 };
  if (typeof time !== "number") return Math.trunc(ms);
  return nanos === 0 ? time : `${new Date(time).toISOString().slice(0, -1)}${String(nanos).padStart(6, "0")}Z`;
};

/**
 * The time as milliseconds since 1970 or as RFC 3339, which keeps all digits of the seconds. `undefined` for a value that is
 * not a time.
 */
export const toTime = (value: unknown): number | string | undefined => {
  if (typeof value === "number" || value instanceof ExactNumber) return fromNumber(String(value));
  if (typeof value !== "string") return undefined;
  if (/^\d{9,19}(?:\.\d+)?$/.test(value)) return fromNumber(value);
  const [, day, time, fraction, zulu, hours, minutes = "00"] = DATE_TIME.exec(value) ?? [];
  if (day === undefined || !existsInCalendar(`${day}T${time}`)) return undefined;
  const offset = zulu === undefined ? `${hours}:${minutes}` : "Z";
  const text = `${day}T${time}${fraction === undefined ? "" : `.${fraction}`}${offset}`;
  return Number.isNaN(Date.parse(text)) ? undefined : text;
};
