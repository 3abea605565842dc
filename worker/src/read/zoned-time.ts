/** Round times of a time zone: midnights, and multiples of an interval after them. Pure. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#contract/wire/durations.ts";

/** The clock of a time zone: `toLocal` gives the milliseconds that its calendar and clock would have in UTC. */
export interface ZoneClock {
  readonly toLocal: (ms: number) => number;
  /**
   * The reverse. A local time that does not exist, because the clock is set forward, is after the change: where that is at midnight,
   * the day starts with the change. One that exists twice is possibly the later one.
   */
  readonly toUtc: (localMs: number) => number;
}

export const createZoneClock = (timeZone: string): ZoneClock => {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const toLocal = (ms: number): number => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((ms % 1_000) + 1_000) % 1_000);
  };
  return {
    toLocal,
    toUtc(localMs) {
      const first = localMs - (toLocal(localMs) - localMs);
      const ms = localMs - (toLocal(first) - first);
      // West of Greenwich, `first` may be after the change, and `ms` before it by the length of the gap.
      return ms === first ? ms : ms + Math.max(localMs - toLocal(ms), 0);
    },
  };
};

const MONTH_MS = 30 * DAY_MS;
const YEAR_MS = 365 * DAY_MS;
const MONDAY_MS = Date.UTC(1970, 0, 5);

/** The last round local time at or before a local time. */
const floorLocal = (localMs: number, intervalMs: number): number => {
  const date = new Date(localMs);
  if (intervalMs === YEAR_MS) return Date.UTC(date.getUTCFullYear(), 0);
  if (intervalMs === MONTH_MS) return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  // Weeks start on Monday. Shorter intervals divide a day.
  const start = intervalMs > DAY_MS ? MONDAY_MS : 0;
  return start + Math.floor((localMs - start) / intervalMs) * intervalMs;
};

const nextLocal = (localMs: number, intervalMs: number): number => {
  const date = new Date(localMs);
  if (intervalMs === YEAR_MS) return Date.UTC(date.getUTCFullYear() + 1, 0);
  if (intervalMs === MONTH_MS) return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
  return localMs + intervalMs;
};

/** Shorter intervals are the same in all time zones: offsets are multiples of 15 minutes. */
const SHORTEST_ZONED_MS = 30 * MINUTE_MS;

/** Whether the buckets of an interval are not multiples of it since 1970. In UTC these are weeks, months and years. */
export const isZoned = (intervalMs: number, timeZone: string): boolean =>
  timeZone === "UTC" ? intervalMs > DAY_MS : intervalMs >= SHORTEST_ZONED_MS;

/**
 * For intervals up to an hour: times from a midnight on, so that each range has the same ones; round local times, at most an interval apart. Across a
 * change of the clock there may be no round time within an interval. The next time is then an interval later, so that no bucket is longer
 * than the others. Longer buckets may be an hour longer, which changes less than a short one between them.
 */
const toTimesWithinDays = (fromMs: number, toMs: number, intervalMs: number, clock: ZoneClock): number[] => {
  const offsetAt = (ms: number): number => clock.toLocal(ms) - ms;
  let midnight = floorLocal(clock.toLocal(fromMs), DAY_MS);
  // Where the clock is set back at midnight, the result of `toUtc` may be the later of two.
  while (clock.toUtc(midnight) > fromMs) midnight -= DAY_MS;
  const times: number[] = [];
  let ms = clock.toUtc(midnight);
  let offset = offsetAt(ms);
  for (;;) {
    if (ms <= fromMs) times[0] = ms;
    else times.push(ms);
    if (ms >= toMs) return times;
    const nextRound = (usedOffset: number): number => floorLocal(ms + usedOffset, intervalMs) + intervalMs - usedOffset;
    const latestOffset = offsetAt(ms + intervalMs);
    if (latestOffset === offset) ms = nextRound(offset);
    else {
      const round = [offset, latestOffset].filter((each) => offsetAt(nextRound(each)) === each).map(nextRound);
      ms = Math.min(ms + intervalMs, ...round);
      offset = offsetAt(ms);
    }
  }
};

/** Start times of the buckets that overlap a range, ascending, in milliseconds since 1970; and the end of the last bucket. */
export const toZonedBucketTimes = (fromMs: number, toMs: number, intervalMs: number, timeZone: string): number[] => {
  const clock = createZoneClock(timeZone);
  if (intervalMs <= HOUR_MS) return toTimesWithinDays(fromMs, toMs, intervalMs, clock);
  const times: number[] = [];
  let local = floorLocal(clock.toLocal(fromMs), intervalMs);
  while (clock.toUtc(local) > fromMs) local = floorLocal(local - 1, intervalMs);
  for (let ms = clock.toUtc(local); ; ms = clock.toUtc(local)) {
    // Where a day is skipped, two local times may be the same.
    if (ms <= fromMs) times[0] = ms;
    else if (ms > (times.at(-1) ?? 0)) times.push(ms);
    if (ms >= toMs) return times;
    local = nextLocal(local, intervalMs);
  }
};
