import { expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { CRON_JOBS, findCronJob } from "../src/crons.ts";

const root = new URL("../../", import.meta.url);

it("has one job for each cron line of wrangler.toml", () => {
  const { triggers } = unstable_readConfig({ config: new URL("wrangler.toml", root).pathname });
  const lines = triggers.crons ?? [];
  expect(lines).toHaveLength(Object.keys(CRON_JOBS).length);
  expect(new Set(lines)).toEqual(new Set(Object.keys(CRON_JOBS)));
});

it("fails for a cron line without a job", () => {
  expect(() => findCronJob("*/5 * * * *")).toThrow('No job for the cron line "*/5 * * * *"');
  expect(() => findCronJob("constructor")).toThrow("No job");
});
