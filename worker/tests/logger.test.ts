import { expect, it } from "vitest";
import { createWarningLimit } from "../src/logger.ts";

const INTERVAL_MS = 1_000;

it("allows a warning about each subject once in the interval", () => {
  const isDue = createWarningLimit(INTERVAL_MS);
  expect([isDue("shop", 0), isDue("shop", 999), isDue("news", 999), isDue("shop", 1_000)]).toEqual([
    true,
    false,
    true,
    true,
  ]);
});

it("allows a warning after the clock was set back", () => {
  const isDue = createWarningLimit(INTERVAL_MS);
  expect([isDue("shop", 60_000), isDue("shop", 0), isDue("shop", 999)]).toEqual([true, true, false]);
});

it("stays bounded with any number of subjects", () => {
  const isDue = createWarningLimit(INTERVAL_MS);
  for (let i = 0; i < 1_000; i += 1) isDue(`app-${i}`, 0);
  expect(isDue("app-0", 0)).toBe(false);
  isDue("one more", 0);
  expect(isDue("app-0", 0)).toBe(true);
});
