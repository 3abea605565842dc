import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toIsoTime } from "#contract/store/event-time.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { MAX_TIME_MS } from "#contract/wire/limits.ts";

describe(toIsoTime, () => {
  it("gives the same text as Date", () => {
    const times = fc.oneof(
      fc.integer({ min: -DAY_MS * 800_000, max: MAX_TIME_MS * 2 }),
      fc.integer({ min: 1_764_288_000_000, max: 1_764_288_000_000 + DAY_MS }),
      fc.constantFrom(0, -1, DAY_MS - 1, DAY_MS, MAX_TIME_MS, MAX_TIME_MS + 1),
    );
    fc.assert(
      fc.property(times, (ms) => {
        expect(toIsoTime(ms)).toBe(new Date(ms).toISOString());
      }),
      { numRuns: 5_000 },
    );
  });

  it("throws for an invalid time, like Date", () => {
    expect(() => toIsoTime(Number.NaN)).toThrow(RangeError);
  });
});
