/**
 * Runs the job of a cron line. Called by the trigger of Cloudflare, and by the schedule of worker/node/.
 */
import { openAppStore } from "./access/app-store.ts";
import { findApp } from "./access/apps.ts";
import { findCronJob } from "./crons.ts";
import { getStoreClient, toSizeLimits, toWebhookPolicy, type Env } from "./env.ts";
import { cachedHealth } from "./health/cached-health.ts";
import { createHealthPorts } from "./health/health-ports.ts";

/**
 * Throws for a cron line without a job, and when the job fails.
 *
 * @param scheduledMs The time at which the run was due, in milliseconds since 1970.
 */
export const runCron = async (
  cron: string,
  scheduledMs: number,
  env: Env,
  waitUntil: (work: Promise<unknown>) => void,
): Promise<void> => {
  const run = findCronJob(cron);
  const healthPorts = createHealthPorts(env);
  await run({
    client: getStoreClient(env),
    scheduledMs,
    webhookPolicy: toWebhookPolicy(env),
    findQuota: (app) => findApp(openAppStore(env), app),
    erasureStore: env.APPS,
    sizeLimits: toSizeLimits(env),
    fetchStoreTimeMs: healthPorts.fetchStoreTimeMs,
    checkHealth: () => cachedHealth.get(healthPorts, waitUntil),
  });
};
