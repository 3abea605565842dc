/**
 * The Cloudflare Worker: validates logs, writes them to OpenSearch and serves the read API. It is stateless.
 */
import { createApp } from "./app.ts";
import type { Env } from "./env.ts";
import { runCron } from "./run-cron.ts";

const app = createApp();

export default {
  fetch: app.fetch,
  scheduled: ({ cron, scheduledTime }, env, context) =>
    runCron(cron, scheduledTime, env, (work) => context.waitUntil(work)),
} satisfies ExportedHandler<Env>;
