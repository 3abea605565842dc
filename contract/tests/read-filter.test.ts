import { describe, expect, it } from "vitest";
import { joinList, splitList } from "#contract/api/list-param.ts";
import { timeParamSchema } from "#contract/api/read-filter.ts";
import { parseTime } from "#contract/query/parse-time.ts";

const NOW_MS = Date.UTC(2026, 10, 30, 12);

it.each([
  ["a,b", ["a", "b"]],
  ["a", ["a"]],
  [String.raw`cart\,total,level`, ["cart,total", "level"]],
  [String.raw`C:\temp\\,x`, ["C:\\temp\\", "x"]],
])("%s is a list of names", (text, names) => {
  expect(splitList(text)).toEqual(names);
  expect(splitList(joinList(names))).toEqual(names);
});

describe("a time that the parameters from and to accept", () => {
  it.each([
    "2026-11-30T06:00:00Z",
    "2026-11-30T06:00:00.1234567890Z",
    "2026-11-30T06:00:00.123456789012345678+23:59",
    "2024-02-29T23:59:59-12:00",
    "1796018400123",
    "1796018400",
    "now",
    "now-15m",
    "now-999999w",
  ])("is a time: %s", (text) => {
    expect(timeParamSchema.safeParse(text).success).toBe(true);
    expect(parseTime(text, NOW_MS)).toBeTypeOf("number");
  });

  it.each([
    "2026-02-30T06:00:00Z",
    "2026-11-30T06:00Z",
    "2026-11-30T24:00:00Z",
    "2026-11-30T06:00:00z",
    "yesterday",
    "now+1h",
  ])("is not %s", (text) => expect(timeParamSchema.safeParse(text).success).toBe(false));

  it("is in seconds or milliseconds since 1970 as a number", () => {
    expect(parseTime("1796018400", NOW_MS)).toBe(1_796_018_400_000);
    expect(parseTime("1796018400123", NOW_MS)).toBe(1_796_018_400_123);
  });
});
