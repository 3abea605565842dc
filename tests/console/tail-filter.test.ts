/** Which logs of the live tail certainly match the filter. */
import { expect, it } from "vitest";
import type { LogDocument } from "#contract/store/log-document.ts";
import { createTailFilter } from "../../web-client/console/logs/feed/tail-filter.ts";
import { measureCpuMs } from "../support/measure-cpu.ts";

const matches = (q: string, body: string): boolean | undefined => {
  const document = { body, severity: { number: 9 }, edgelog: { app: "shop" } } as unknown as LogDocument;
  return createTailFilter({ q, severity: "trace", app: "", from: "", to: "" })?.(document);
};

it.each([
  ["paid", "Order paid.", true],
  ["paid", "'paid': yes", true],
  ["paid", "pre-paid", false],
  ["paid", "...", false],
])("finds the word %s in %j: %s", (q, body, expected) => {
  expect(matches(q, body)).toBe(expected);
});

it("takes time proportional to the length of a log with thousands of hyphens", () => {
  const body = `a${"-".repeat(131_000)}b`;
  // It took more than 30 s once.
  expect(measureCpuMs(() => void matches("paid", body))).toBeLessThan(2_500);
});
