/** Time formats: local or UTC, absolute or relative. The choice is stored in this browser. */
import { computed, signal } from "@preact/signals";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";
import { writePreference, readPreference } from "./preferences.ts";

export type TimeZone = "local" | "utc";

const ZONE_KEY = "edgelog.timeZone";
const RELATIVE_KEY = "edgelog.relativeTimes";

export const timeZone = signal<TimeZone>(readPreference(ZONE_KEY) === "utc" ? "utc" : "local");
export const areTimesRelative = signal(readPreference(RELATIVE_KEY) === "yes");

export const setTimeZone = (chosen: TimeZone): void => {
  timeZone.value = chosen;
  writePreference(ZONE_KEY, chosen);
};

export const setRelativeTimes = (chosen: boolean): void => {
  areTimesRelative.value = chosen;
  writePreference(RELATIVE_KEY, chosen ? "yes" : "no");
};

type Formats = Readonly<
  Record<
    "clock" | "minute" | "day" | "year" | "dayOfYear" | "dayClock" | "dayClockOfYear" | "full",
    Intl.DateTimeFormat
  >
>;

/** Formatters for the chosen time zone, cached because creating one is expensive. */
export const timeFormats = computed<Formats>(() => {
  const make = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat("en-GB", {
      hourCycle: "h23",
      ...options,
      ...(timeZone.value === "utc" && { timeZone: "UTC" }),
    });
  const day = { day: "2-digit", month: "short" } as const;
  const year = { year: "numeric" } as const;
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  return {
    clock: make(clock),
    minute: make({ hour: "2-digit", minute: "2-digit" }),
    day: make(day),
    year: make(year),
    dayOfYear: make({ ...day, ...year }),
    dayClock: make({ ...day, ...clock, fractionalSecondDigits: 3 }),
    dayClockOfYear: make({ ...day, ...year, ...clock, fractionalSecondDigits: 3 }),
    full: make({
      ...day,
      ...year,
      weekday: "short",
      ...clock,
      fractionalSecondDigits: 3,
      timeZoneName: "short",
    }),
  };
});

/** Whether a time is in the current year, so that it is shown without the year. */
export const isInCurrentYear = (ms: number): boolean => {
  const { year } = timeFormats.value;
  return year.format(ms) === year.format(Date.now());
};

/** `03 Mar`, or `03 Mar 2025` in another year. */
export const formatDay = (ms: number): string => {
  const { day, dayOfYear } = timeFormats.value;
  return (isInCurrentYear(ms) ? day : dayOfYear).format(ms);
};

/** `03 Mar, 08:00:00.000`, or `03 Mar 2025, 08:00:00.000` in another year. */
export const formatDayClock = (ms: number): string => {
  const { dayClock, dayClockOfYear } = timeFormats.value;
  return (isInCurrentYear(ms) ? dayClock : dayClockOfYear).format(ms);
};

const UNITS: readonly (readonly [ms: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [DAY_MS, "day"],
  [HOUR_MS, "hour"],
  [MINUTE_MS, "minute"],
  [SECOND_MS, "second"],
];

const relative = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" });

/** `3 min. ago`, from milliseconds since 1970. Less than a second is `now`. */
export const formatRelativeTime = (ms: number, nowMs = Date.now()): string => {
  const differenceMs = ms - nowMs;
  const largest = UNITS.find(([size]) => Math.abs(differenceMs) >= size);
  if (largest === undefined) return "now";
  const [size, unit] = largest;
  return relative.format(Math.trunc(differenceMs / size), unit);
};

const TICK_MS = 5_000;

/** The current time for relative times. Updated only while something subscribes to it. */
export const now = signal(Date.now(), {
  watched() {
    this.value = Date.now();
    ticking = setInterval(() => (this.value = Date.now()), TICK_MS);
  },
  unwatched() {
    clearInterval(ticking);
  },
});
let ticking: ReturnType<typeof setInterval> | undefined;
