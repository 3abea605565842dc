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

type Formats = Readonly<Record<"clock" | "minute" | "day" | "year" | "dayClock" | "full", Intl.DateTimeFormat>>;

/** Formatters for the chosen time zone, cached because creating one is expensive. */
export const timeFormats = computed<Formats>(() => {
  const make = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat("en-GB", {
      hourCycle: "h23",
      ...options,
      ...(timeZone.value === "utc" && { timeZone: "UTC" }),
    });
  const day = { day: "2-digit", month: "short" } as const;
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  return {
    clock: make(clock),
    minute: make({ hour: "2-digit", minute: "2-digit" }),
    day: make(day),
    year: make({ year: "numeric" }),
    dayClock: make({ ...day, ...clock, fractionalSecondDigits: 3 }),
    full: make({
      ...day,
      year: "numeric",
      weekday: "short",
      ...clock,
      fractionalSecondDigits: 3,
      timeZoneName: "short",
    }),
  };
});

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
