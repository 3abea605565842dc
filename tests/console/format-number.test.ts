import { expect, it } from "vitest";
import { formatValue } from "../../web-client/console/lib/format-number.ts";

it.each([
  [0.04123, "0.04123"],
  [0.041234, "0.04123"],
  [1.25, "1.25"],
  [12_345.67, "12,345.7"],
  [1_234_567, "1,234,567"],
  [0, "0"],
  [-0.0125, "-0.0125"],
])("shows the value %d as %s", (value, text) => {
  expect(formatValue(value)).toBe(text);
});
