import { describe, expect, it } from "vitest";
import { toTimeLabels } from "../../web-client/console/lib/chart.ts";

const NOON = Date.parse("2026-11-29T12:00:00Z");

describe(toTimeLabels, () => {
  it("has one label for each second, and none for its fractions", () => {
    const splits = Array.from({ length: 11 }, (_, i) => NOON + i * 200);
    const labels = toTimeLabels(splits, 200).filter((label) => label !== "");
    expect(labels).toHaveLength(3);
    expect(new Set(labels).size).toBe(3);
  });

  it("has the date below the first time and where it changes", () => {
    const labels = toTimeLabels(
      [0, 1, 2, 3].map((n) => NOON + n * 8 * 3_600_000),
      8 * 3_600_000,
    );
    expect(labels[0]).toContain("\n");
    expect(labels.filter((label) => label.includes("\n"))).toHaveLength(2);
  });
});
