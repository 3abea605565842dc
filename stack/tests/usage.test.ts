/** Quotas as text, and the table of `npm run app -- usage`. */
import { describe, expect, it } from "vitest";
import { parseBytes, parseCount } from "../apps/quota.ts";
import { formatByteCount } from "#contract/wire/quantity.ts";
import { toUsageTable } from "../apps/usage.ts";

describe("quotas", () => {
  it.each([
    ["5GB", 5_000_000_000, "5 GB"],
    ["1.5 mb", 1_500_000, "1.5 MB"],
    ["800000", 800_000, "800 kB"],
  ])("%s is %d bytes", (text, bytes, formatted) => {
    expect([parseBytes(text), formatByteCount(bytes)]).toEqual([bytes, formatted]);
  });

  it.each(["5PB", "-1", "0", "many", "GB"])("%s is not a number of bytes", (text) => {
    expect(() => parseBytes(text)).toThrow(/not a number of bytes/);
  });

  it.each(["0", "1.5", "-2", "many"])("%s is not a number of events", (text) => {
    expect(() => parseCount(text)).toThrow(/whole number/);
  });
});

describe("the usage table", () => {
  it("lists the share of each app", () => {
    const table = toUsageTable([
      { app: "shop", events: 900, bytes: 3_000_000, rejectedBytes: 400_000, rejected: 1, overQuota: 20 },
      { app: "news", events: 100, bytes: 1_000_000, rejectedBytes: 0, rejected: 0, overQuota: 0 },
    ]);
    expect(table.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["APP", "EVENTS", "BYTES", "REJECTED", "OF BYTES", "OVER QUOTA", "SHARE"],
      ["shop", "900", "3 MB", "1", "400 kB", "20", "75 %"],
      ["news", "100", "1 MB", "0", "0 B", "0", "25 %"],
    ]);
  });
});
