/**
 * The time of an event, and whether it is plausible.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";
import { MAX_CLOCK_AHEAD_MS, type RetentionDays } from "#contract/wire/limits.ts";
import { readHex } from "#contract/wire/uuid.ts";

const LOW_BITS = 2 ** 16;

/** The time in a UUID of version 7 (RFC 9562, 5.7), in milliseconds since 1970. `undefined` for other versions. */
export const timeOfUuid = (id: string): number | undefined =>
  id[14] === "7" ? readHex(id, 0, 8) * LOW_BITS + readHex(id, 9, 13) : undefined;

/**
 * The time at which an event happened, in milliseconds since 1970: its `time`, or else the time in its `id`.
 * `undefined` if it has neither.
 */
export const timeOfEvent = ({
  time,
  id,
}: {
  readonly time?: number | string | undefined;
  readonly id?: string | undefined;
}): number | undefined => {
  if (time === undefined) return id === undefined ? undefined : timeOfUuid(id);
  return typeof time === "number" ? time : Date.parse(time);
};

/**
 * The time of an event that has neither a time nor an id of version 7: the time in the batch's id of version 7. Unlike the
 * time of arrival, it is the same for each delivery. An event with an id may be resent in another batch, so it has no such
 * time.
 */
export const timeOfBatch = (eventId: string | undefined, batchId: string | undefined): number | undefined =>
  eventId === undefined && batchId !== undefined ? timeOfUuid(batchId) : undefined;

const NANOS_DIGITS = 6;

/** The last day of {@link toIsoTime}, in days since 1970, and its date with a `T`. Formatting a date takes longer than the rest. */
let lastDay = Number.NaN;
let lastDate = "";

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));
const THREE_DIGITS = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, "0"));

/** The same as `new Date(ms).toISOString()`, and faster for times of the same day. `ms` is a whole number. */
export const toIsoTime = (ms: number): string => {
  const day = Math.floor(ms / DAY_MS);
  if (day !== lastDay) {
    lastDate = new Date(ms).toISOString().slice(0, -"00:00:00.000Z".length);
    lastDay = day;
  }
  const time = ms - day * DAY_MS;
  const hours = TWO_DIGITS[Math.floor(time / HOUR_MS)];
  const minutes = TWO_DIGITS[Math.floor(time / MINUTE_MS) % 60];
  const seconds = TWO_DIGITS[Math.floor(time / SECOND_MS) % 60];
  return `${lastDate}${hours}:${minutes}:${seconds}.${THREE_DIGITS[time % SECOND_MS]}Z`;
};

/** RFC 3339 in UTC with milliseconds, or with nanoseconds if there are any after the millisecond. */
export const toTimestamp = (ms: number, nanos = 0): string => {
  const text = toIsoTime(ms);
  return nanos === 0 ? text : `${text.slice(0, -1)}${String(nanos).padStart(NANOS_DIGITS, "0")}Z`;
};

export interface ResolvedTimestamp {
  /** The value for `@timestamp`, in milliseconds since 1970. */
  readonly timestampMs: number;
  /** The sender's time, if it was replaced because it is implausible. */
  readonly claimedMs?: number | undefined;
}

/**
 * Selects the timestamp of a log. The time of arrival replaces a time that is older than the app's retention or too far ahead.
 *
 * @param eventMs Time of the event; see {@link timeOfEvent}.
 * @param observedMs Time of arrival.
 */
export const resolveTimestamp = (
  eventMs: number | undefined,
  observedMs: number,
  retentionDays: RetentionDays,
): ResolvedTimestamp => {
  if (eventMs === undefined) return { timestampMs: observedMs };
  const isAhead = eventMs > observedMs + MAX_CLOCK_AHEAD_MS;
  const isExpired = eventMs < observedMs - retentionDays * DAY_MS;
  return isAhead || isExpired ? { timestampMs: observedMs, claimedMs: eventMs } : { timestampMs: eventMs };
};
