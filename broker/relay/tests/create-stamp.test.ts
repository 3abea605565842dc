import { describe, expect, it } from "vitest";
import { validate, version } from "uuid";
import { timeOfUuid } from "#contract/store/event-time.ts";
import { createStamp } from "../src/create-stamp.ts";

const NOW_MS = 1_764_288_000_123;

describe(createStamp, () => {
  it("creates valid UUIDs of version 7 with the time, in ascending order and without repetition", () => {
    const stamps = Array.from({ length: 100_000 }, (_, i) => createStamp(NOW_MS + Math.floor(i / 1_000)));
    expect(stamps.filter((stamp) => !validate(stamp) || version(stamp) !== 7)).toEqual([]);
    expect(stamps.filter((stamp, i) => timeOfUuid(stamp) !== NOW_MS + Math.floor(i / 1_000))).toEqual([]);
    expect(stamps.toSorted()).toEqual(stamps);
    expect(new Set(stamps).size).toBe(stamps.length);
    expect(new Set(stamps.map((stamp) => stamp.slice(26))).size).toBeGreaterThan(stamps.length * 0.99);
  });

  it("continues in ascending order after a small step back of the clock", () => {
    const first = createStamp(NOW_MS + 10_000);
    const second = createStamp(NOW_MS + 9_500);
    expect(second > first).toBe(true);
    expect(timeOfUuid(second)).toBe(NOW_MS + 10_000);
  });

  it("uses the corrected time after the clock was hours ahead", () => {
    createStamp(NOW_MS + 3 * 3_600_000);
    expect(timeOfUuid(createStamp(NOW_MS))).toBe(NOW_MS);
  });

  it("encodes times of 32 bits and more", () => {
    createStamp(0);
    for (const ms of [0xff_ff_ff_ff, 0x1_0000_0000, 0x7f_ff_ff_ff_ff]) {
      expect(timeOfUuid(createStamp(ms))).toBe(ms);
    }
  });
});
