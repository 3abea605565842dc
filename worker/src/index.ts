/**
 * The Cloudflare Worker: validates logs, writes them to OpenSearch and serves the read API. It is stateless.
 */
import { openAppStore } from "./access/app-store.ts";
import { findApp } from "./access/apps.ts";
import { cachedHealth } from "./health/cached-health.ts";
import { createHealthPorts } from "./health/health-ports.ts";
import { createApp } from "./app.ts";
import { findCronJob } from "./crons.ts";
import { toStoreOrigin, toWebhookPolicy, type Env } from "./env.ts";
import { createStoreClient } from "./opensearch/client.ts";

const app = createApp();

export default {
  fetch: app.fetch,
  async scheduled({ cron, scheduledTime }, env, context) {
    const client = createStoreClient(toStoreOrigin(env));
    const run = findCronJob(cron);
    await run({
      client,
      scheduledMs: scheduledTime,
      webhookPolicy: toWebhookPolicy(env),
      findQuota: (app) => findApp(openAppStore(env), app),
      erasureStore: env.APPS,
      checkHealth: () => cachedHealth.get(createHealthPorts(env), (work) => context.waitUntil(work)),
    });
  },
} satisfies ExportedHandler<Env>;
