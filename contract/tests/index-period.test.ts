import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logsIndex, parseIndexPeriod, rejectedIndex } from "#contract/store/index-period.ts";
import { RETENTION_CLASSES_DAYS } from "#contract/wire/limits.ts";

const LONG = { longFromMs: Date.UTC(2026, 10, 1) };

describe(logsIndex, () => {
  it.each([
    [7, "2026-11-29T12:00:00.000Z", "logs-7d-2026.11.29"],
    [30, "2026-11-29T12:00:00.000Z", "logs-30d-2026.11.29"],
    [90, "2026-11-29T23:59:59.999Z", "logs-90d-w2026.11.23"],
    [90, "2026-11-30T00:00:00.000Z", "logs-90d-w2026.11.30"],
    [90, "2027-01-01T00:00:00.000Z", "logs-90d-w2026.12.28"],
    [365, "2026-11-29T12:00:00.000Z", "logs-365d-2026.11"],
    [365, "2026-10-31T23:59:59.999Z", "logs-365d-2026.10.31"],
    [90, "2026-10-31T23:59:59.999Z", "logs-90d-2026.10.31"],
  ] as const)("%i days, %s: %s", (days, time, index) => expect(logsIndex(days, time, LONG)).toBe(index));
});

it("the name of an index contains the period of each of its logs", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...RETENTION_CLASSES_DAYS),
      fc.date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
      fc.date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
      (days, time, longFrom) => {
        const longFromMs = Math.floor(longFrom.getTime() / 86_400_000) * 86_400_000;
        const period = parseIndexPeriod(logsIndex(days, time.toISOString(), { longFromMs }));
        expect(period).toMatchObject({ kind: "logs", retentionDays: days });
        expect(period!.startMs).toBeLessThanOrEqual(time.getTime());
        expect(period!.endMs).toBeGreaterThan(time.getTime());
      },
    ),
  );
});

it("a later start of the long periods moves no event from before it", () => {
  const [before, after] = [LONG, { longFromMs: Date.UTC(2027, 0, 1) }];
  const time = "2026-10-15T12:00:00.000Z";
  for (const days of RETENTION_CLASSES_DAYS) expect(logsIndex(days, time, before)).toBe(logsIndex(days, time, after));
});

describe(parseIndexPeriod, () => {
  it.each([
    ["logs-90d-w2026.11.23", "2026-11-23", "2026-11-30"],
    ["logs-365d-2026.12", "2026-12-01", "2027-01-01"],
    ["logs-365d-2026.12-r2", "2026-12-01", "2027-01-01"],
    ["logs-30d-2026.11.29", "2026-11-29", "2026-11-30"],
    [rejectedIndex("2026-11-29T12:00:00.000Z"), "2026-11-29", "2026-11-30"],
  ])("%s: %s to %s", (index, start, end) =>
    expect(parseIndexPeriod(index)).toMatchObject({ startMs: Date.parse(start), endMs: Date.parse(end) }),
  );

  it.each([
    "logs-30d-skewed",
    "logs-90d-undated",
    "logs-31d-2026.11.29",
    "logs-90d-w2026.11",
    "other-2026.11.29",
    "edgelog-usage",
  ])("%s has no period", (index) => expect(parseIndexPeriod(index)).toBeUndefined());
});
