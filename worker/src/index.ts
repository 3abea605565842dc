/**
 * The Cloudflare Worker: validates what comes in and writes it to OpenSearch. It keeps nothing of its own.
 */
import { createApp } from "./app.ts";
import type { Env } from "./env.ts";
import { createStoreClient } from "./opensearch/client.ts";
import { applyRetention } from "./retention.ts";

const app = createApp();

export default {
  fetch: app.fetch,
  async scheduled(controller, env) {
    await applyRetention(createStoreClient(env.OPENSEARCH_URL), controller.scheduledTime);
  },
} satisfies ExportedHandler<Env>;
