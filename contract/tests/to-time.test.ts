import { describe, expect, it } from "vitest";
import { toTime } from "#contract/check/to-time.ts";

describe(toTime, () => {
  it.each<[unknown, number | string]>([
    [1_764_500_000, 1_764_500_000_000],
    ["2026-11-30 10:00:00,5+0100", "2026-11-30T10:00:00.5+01:00"],
    ["2026-12-01 05:21:11.5 +0100", "2026-12-01T05:21:11.5+01:00"],
    ["2026-12-01 05:21:11.5+01", "2026-12-01T05:21:11.5+01:00"],
    ["2028-02-29T23:59:59Z", "2028-02-29T23:59:59Z"],
  ])("%j is a time", (value, time) => {
    expect(toTime(value)).toBe(time);
  });

  it.each([
    5,
    "05/11/2026 10:00:00",
    "2026-11-30T10:00:00",
    "2026-02-29T10:00:00Z",
    "2026-11-30T24:00:00Z",
    new Date(),
  ])("%j is not certainly a time", (value) => {
    expect(toTime(value)).toBeUndefined();
  });
});
