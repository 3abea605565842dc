/**
 * The Cloudflare Worker: validates logs, writes them to OpenSearch and serves the read API. It is stateless.
 */
import { createApp } from "./app.ts";
import { findCronJob } from "./crons.ts";
import type { Env } from "./env.ts";
import { createStoreClient } from "./opensearch/client.ts";

const app = createApp();

export default {
  fetch: app.fetch,
  async scheduled({ cron, scheduledTime }, env) {
    await findCronJob(cron)(createStoreClient(env.OPENSEARCH_URL), scheduledTime, env);
  },
} satisfies ExportedHandler<Env>;
