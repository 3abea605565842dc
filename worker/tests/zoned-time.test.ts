import { expect, it } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#contract/wire/durations.ts";
import { toZonedBucketTimes } from "../src/read/zoned-time.ts";

type Args = readonly [from: string, to: string, intervalMs: number, timeZone: string];

const bucketsOf = (...[from, to, intervalMs, timeZone]: Args): readonly string[] =>
  toZonedBucketTimes(Date.parse(from), Date.parse(to), intervalMs, timeZone).map((ms) => new Date(ms).toISOString());

it.each<[string, Args, readonly string[]]>([
  [
    "days in Berlin, over the end of summer time",
    ["2026-10-24T10:00Z", "2026-10-26T10:00Z", DAY_MS, "Europe/Berlin"],
    ["2026-10-23T22", "2026-10-24T22", "2026-10-25T23", "2026-10-26T23"],
  ],
  [
    "days in Berlin, over the start of summer time",
    ["2026-03-28T10:00Z", "2026-03-29T10:00Z", DAY_MS, "Europe/Berlin"],
    ["2026-03-27T23", "2026-03-28T23", "2026-03-29T22"],
  ],
  [
    "six hours in Berlin",
    ["2026-11-28T00:00Z", "2026-11-28T06:00Z", 6 * HOUR_MS, "Europe/Berlin"],
    ["2026-11-27T23", "2026-11-28T05", "2026-11-28T11"],
  ],
  [
    "weeks in New York",
    ["2026-11-28T00:00Z", "2026-12-01T00:00Z", 7 * DAY_MS, "America/New_York"],
    ["2026-11-23T05", "2026-11-30T05", "2026-12-07T05"],
  ],
  [
    "months in Berlin",
    ["2026-10-15T00:00Z", "2026-11-15T00:00Z", 30 * DAY_MS, "Europe/Berlin"],
    ["2026-09-30T22", "2026-10-31T23", "2026-11-30T23"],
  ],
  [
    "days in Santiago, where the clock is set forward at midnight",
    ["2026-09-05T10:00Z", "2026-09-07T10:00Z", DAY_MS, "America/Santiago"],
    ["2026-09-05T04", "2026-09-06T04", "2026-09-07T03", "2026-09-08T03"],
  ],
  [
    "six hours in Havana, where the clock is set forward at midnight",
    ["2026-03-08T00:00Z", "2026-03-08T14:00Z", 6 * HOUR_MS, "America/Havana"],
    ["2026-03-07T23", "2026-03-08T05", "2026-03-08T10", "2026-03-08T16"],
  ],
  [
    "hours in Berlin, over the end of summer time",
    ["2026-10-25T00:30Z", "2026-10-25T02:00Z", HOUR_MS, "Europe/Berlin"],
    ["2026-10-25T00", "2026-10-25T01", "2026-10-25T02"],
  ],
  [
    "three hours in Berlin, over the end of summer time: one bucket has the hour that is repeated",
    ["2026-10-24T22:00Z", "2026-10-25T06:00Z", 3 * HOUR_MS, "Europe/Berlin"],
    ["2026-10-24T22", "2026-10-25T02", "2026-10-25T05", "2026-10-25T08"],
  ],
  [
    "three hours in Berlin, over the start of summer time",
    ["2026-03-28T23:00Z", "2026-03-29T04:00Z", 3 * HOUR_MS, "Europe/Berlin"],
    ["2026-03-28T23", "2026-03-29T01", "2026-03-29T04"],
  ],
])("buckets start at round local times: %s", (_, args, expected) => {
  expect(bucketsOf(...args)).toEqual(expected.map((hour) => `${hour}:00:00.000Z`));
});

it.each(["America/Santiago", "America/Havana", "Atlantic/Azores", "Africa/Cairo", "Asia/Beirut", "Europe/Berlin"])(
  "each day of a year starts with its first moment in %s",
  (timeZone) => {
    const days = toZonedBucketTimes(Date.UTC(2026, 0, 2), Date.UTC(2027, 0), DAY_MS, timeZone);
    const format = new Intl.DateTimeFormat("en-US", { timeZone, dateStyle: "short" });
    const isFirst = (ms: number): boolean => format.format(ms) !== format.format(ms - 1);
    expect(days.filter((ms) => !isFirst(ms))).toEqual([]);
    expect(days.length).toBeGreaterThanOrEqual(365);
  },
);

it("has half hours where the offset is not a whole number of hours", () => {
  expect(bucketsOf("2026-11-28T00:00Z", "2026-11-28T01:00Z", 30 * MINUTE_MS, "Asia/Kathmandu")).toEqual([
    "2026-11-27T23:45:00.000Z",
    "2026-11-28T00:15:00.000Z",
    "2026-11-28T00:45:00.000Z",
    "2026-11-28T01:15:00.000Z",
  ]);
});

it.each([
  ["America/Santiago", "2026-04-05"],
  ["Europe/Berlin", "2026-10-25"],
  ["America/New_York", "2026-11-01"],
  ["Australia/Lord_Howe", "2026-04-05"],
  ["Atlantic/Azores", "2026-10-25"],
])("has half hours of equal length in %s on the day on which the clock is set back", (zone, day) => {
  const startMs = Date.parse(day) - DAY_MS;
  const times = toZonedBucketTimes(startMs, startMs + 3 * DAY_MS, 30 * MINUTE_MS, zone);
  expect(new Set(times.slice(1).map((ms, i) => ms - (times[i] ?? 0)))).toEqual(new Set([30 * MINUTE_MS]));
});

it("starts with the bucket of the start of the range on each day on which a clock is set back", () => {
  const days = { "Europe/Berlin": "2026-10-25", "America/New_York": "2026-11-01", "Australia/Lord_Howe": "2026-04-04" };
  for (const [zone, day] of Object.entries(days)) {
    const startMs = Date.parse(day);
    for (let fromMs = startMs; fromMs < startMs + DAY_MS; fromMs += 15 * MINUTE_MS) {
      for (const intervalMs of [30 * MINUTE_MS, HOUR_MS, DAY_MS]) {
        const [first = Infinity, second = 0] = toZonedBucketTimes(fromMs, fromMs + DAY_MS, intervalMs, zone);
        expect(first <= fromMs && fromMs < second).toBe(true);
      }
    }
  }
});

it("has ascending times in every zone over both changes of the clock", () => {
  for (const zone of [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Cairo",
    "America/Santiago",
  ]) {
    for (const intervalMs of [30 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, DAY_MS]) {
      const times = toZonedBucketTimes(Date.UTC(2026, 0), Date.UTC(2027, 0), intervalMs, zone);
      const lengths = times.slice(1).map((ms, i) => ms - (times[i] ?? 0));
      expect(lengths.every((ms) => ms > 0)).toBe(true);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(intervalMs <= HOUR_MS ? intervalMs : intervalMs + HOUR_MS);
      expect(times[0]).toBeLessThanOrEqual(Date.UTC(2026, 0));
      expect(times.at(-1)).toBeGreaterThanOrEqual(Date.UTC(2027, 0));
    }
  }
});
