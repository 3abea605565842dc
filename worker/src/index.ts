/**
 * The Cloudflare Worker: validates what comes in and writes it to OpenSearch. It keeps nothing of its own.
 */
import { checkAlerts } from "./alerts/check-alerts.ts";
import { createApp } from "./app.ts";
import { isPrivateWebhookAllowed, type Env } from "./env.ts";
import { createStoreClient } from "./opensearch/client.ts";
import { applyRetention } from "./retention.ts";

const app = createApp();

/** As in wrangler.toml: every minute. The other trigger is the retention's. */
const ALERTS_CRON = "* * * * *";

export default {
  fetch: app.fetch,
  async scheduled(controller, env) {
    const client = createStoreClient(env.OPENSEARCH_URL);
    const { cron, scheduledTime } = controller;
    if (cron === ALERTS_CRON) await checkAlerts(client, scheduledTime, isPrivateWebhookAllowed(env));
    else await applyRetention(client, scheduledTime);
  },
} satisfies ExportedHandler<Env>;
