/**
 * `GET /healthz`: 200 if the Worker is configured, with the state of OpenSearch in the body. An unavailable OpenSearch is
 * not a failure of the Worker, which still responds to senders with 503 and Retry-After.
 */
import { assertEnv, type Env } from "../env.ts";
import { createStoreClient } from "../opensearch/client.ts";

/** Fails with 500 `internal` if a binding or secret is missing. */
export const getHealthz = async (_request: Request, env: Env): Promise<Response> => {
  assertEnv(env);
  const opensearch = await createStoreClient(env.OPENSEARCH_URL)
    .request("GET", "/_cluster/health?filter_path=status&timeout=1s")
    .then(({ status }) => (status === 200 ? "up" : "down"))
    .catch(() => "down" as const);
  return Response.json({ status: "ok", opensearch }, { headers: { "Cache-Control": "no-store" } });
};
