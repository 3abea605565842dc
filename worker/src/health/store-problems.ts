/** Problems that prevent logs from being stored correctly, for the health check and for the writes. */
import type { HealthProblem } from "#contract/api/health.ts";
import { MAX_RELAY_CLOCK_SKEW_MS } from "#contract/wire/limits.ts";
import type { Outcome } from "./settle.ts";

/** `outcome`: OpenSearch's clock, in milliseconds since 1970. */
export const toClockProblems = (outcome: Outcome<number>, nowMs: number): readonly HealthProblem[] => {
  if (!outcome.ok || Math.abs(outcome.value - nowMs) <= MAX_RELAY_CLOCK_SKEW_MS) return [];
  const seconds = Math.round(Math.abs(outcome.value - nowMs) / 1_000);
  return [{ code: "clock_skew", message: `The clocks of the Worker and of OpenSearch differ by ${seconds} seconds.` }];
};

/** `outcome`: names of the missing index templates. */
export const toTemplateProblems = (outcome: Outcome<readonly string[]>): readonly HealthProblem[] => {
  if (!outcome.ok || outcome.value.length === 0) return [];
  const names = outcome.value.join(" and ");
  const message = `OpenSearch does not have the index template ${names}, so no log is stored. Run \`node opensearch/setup.ts\`.`;
  return [{ code: "templates_missing", message }];
};
