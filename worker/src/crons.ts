/**
 * The Worker's cron jobs, one row per cron line of wrangler.toml.
 */
import type { WebhookPolicy } from "./alerts/channels/webhook-url.ts";
import type { AppQuota } from "./quota/app-quotas.ts";
import { updateUsage } from "./quota/usage-store.ts";
import { catchUpErrorGroups, updateErrorGroups } from "./error-groups/update-groups.ts";
import { publishErasures, type ErasureStore } from "./erase/erase-user.ts";
import { checkAlerts } from "./alerts/check-alerts.ts";
import type { StoreClient } from "./opensearch/client.ts";
import type { SizeLimits } from "./retention/plan-retention.ts";
import { runRetention } from "./retention/run-retention.ts";

interface CronRun {
  readonly client: StoreClient;
  /** The time at which the run was due, in milliseconds since 1970. */
  readonly scheduledMs: number;
  readonly webhookPolicy: WebhookPolicy;
  /** The quotas of an app; `undefined` if the app does not exist. */
  readonly findQuota: (app: string) => Promise<AppQuota | undefined>;
  /** Where erased users are published. */
  readonly erasureStore: ErasureStore;
  /** Limits above which indices are deleted before their retention ends. */
  readonly sizeLimits: SizeLimits;
  /** OpenSearch's clock, in milliseconds since 1970. */
  readonly fetchStoreTimeMs: () => Promise<number>;
  /** Checks the health, and logs a change. */
  readonly checkHealth: () => Promise<unknown>;
}

type CronJob = (run: CronRun) => Promise<unknown>;

/** Waits for all, even if one fails. Throws the first error. */
const finishAll = async (jobs: readonly Promise<unknown>[]): Promise<void> => {
  for (const result of await Promise.allSettled(jobs)) if (result.status === "rejected") throw result.reason;
};

const everyMinute: CronJob = (run) =>
  finishAll([
    checkAlerts(run.client, run.scheduledMs, run.webhookPolicy),
    updateUsage(run.client, run.scheduledMs, run.findQuota),
    updateErrorGroups(run.client, run.scheduledMs),
    // Logs a change of health even when nothing reads /healthz.
    run.checkHealth(),
  ]);

const everyHour: CronJob = (run) =>
  finishAll([
    runRetention(run.client, run.scheduledMs, run.sizeLimits, run.fetchStoreTimeMs),
    catchUpErrorGroups(run.client, run.scheduledMs),
    // Restores the entry if KV lost it, and removes old erasures.
    publishErasures(run.client, run.erasureStore, run.scheduledMs),
  ]);

/** Each key must equal one of `[triggers] crons` in wrangler.toml; worker/tests/crons.test.ts compares the two. */
export const CRON_JOBS: Readonly<Record<string, CronJob>> = {
  "* * * * *": everyMinute,
  "17 * * * *": everyHour,
};

/** Throws for a cron line without a job: a changed line must not silently stop alerts. */
export const findCronJob = (cron: string): CronJob => {
  const job = Object.hasOwn(CRON_JOBS, cron) ? CRON_JOBS[cron] : undefined;
  if (job === undefined) throw new Error(`No job for the cron line "${cron}". Add a row to CRON_JOBS in crons.ts.`);
  return job;
};
