import { expect, it } from "vitest";
import { readCronLines } from "../../stack/services/local-crons.ts";
import { CRON_JOBS, findCronJob } from "../src/crons.ts";

it("has one job for each cron line of wrangler.toml", () => {
  const lines = readCronLines();
  expect(lines).toHaveLength(Object.keys(CRON_JOBS).length);
  expect(new Set(lines)).toEqual(new Set(Object.keys(CRON_JOBS)));
});

it("fails for a cron line without a job", () => {
  expect(() => findCronJob("*/5 * * * *")).toThrow('No job for the cron line "*/5 * * * *"');
  expect(() => findCronJob("constructor")).toThrow("No job");
});
