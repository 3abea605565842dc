import { describe, expect, it } from "vitest";
import { isExpired } from "../src/retention.ts";

const NOW_MS = Date.parse("2026-03-31T12:00:00Z");

describe(isExpired, () => {
  it.each([
    ["logs-7d-2026.03.23", true],
    ["logs-7d-2026.03.24", false],
    ["logs-30d-2026.02.27", true],
    ["logs-30d-2026.03.01", false],
    ["rejected-2026.02.27", true],
    ["rejected-2026.03.30", false],
    ["logs-30d-skewed", false],
    ["somebody-elses-2001.01.01", false],
    ["logs-x-2001.01.01", false],
  ])("%s: %s", (index, expected) => expect(isExpired(index, NOW_MS)).toBe(expected));
});
