/**
 * `GET /healthz`: 200 if the Worker is configured, with its health in the body. An unavailable OpenSearch is not a failure of
 * the Worker, which still responds to senders with 503 and Retry-After.
 */
import type { Health } from "#contract/api/health.ts";
import { assertEnv, type Env } from "../env.ts";
import { cachedHealth } from "../health/cached-health.ts";
import { createHealthPorts } from "../health/health-ports.ts";

/** Responds within 2 seconds. Fails with 500 `internal` if a binding or secret is missing. */
export const getHealthz = async (env: Env, context: Pick<ExecutionContext, "waitUntil">): Promise<Response> => {
  assertEnv(env);
  const health: Health = await cachedHealth.get(createHealthPorts(env), (work) => context.waitUntil(work));
  return Response.json(health, { headers: { "Cache-Control": "no-store" } });
};
