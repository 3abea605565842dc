/**
 * The Worker's cron jobs, one row per cron line of wrangler.toml.
 */
import { checkAlerts } from "./alerts/check-alerts.ts";
import { isPrivateWebhookAllowed, type Env } from "./env.ts";
import type { StoreClient } from "./opensearch/client.ts";
import { applyRetention } from "./retention.ts";

type CronJob = (client: StoreClient, scheduledMs: number, env: Env) => Promise<unknown>;

/** Each key must equal one of `[triggers] crons` in wrangler.toml; worker/tests/crons.test.ts compares the two. */
export const CRON_JOBS: Readonly<Record<string, CronJob>> = {
  "* * * * *": (client, scheduledMs, env) => checkAlerts(client, scheduledMs, isPrivateWebhookAllowed(env)),
  "17 * * * *": applyRetention,
};

/** Throws for a cron line without a job: a changed line must not silently stop alerts. */
export const findCronJob = (cron: string): CronJob => {
  const job = Object.hasOwn(CRON_JOBS, cron) ? CRON_JOBS[cron] : undefined;
  if (job === undefined) throw new Error(`No job for the cron line "${cron}". Add a row to CRON_JOBS in crons.ts.`);
  return job;
};
