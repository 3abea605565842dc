/**
 * `GET /healthz`: 200 when this Worker can do its work. A store that is down is told, and is no reason to take the
 * Worker away: it still answers senders with a 503 that they understand.
 */
import type { Env } from "../env.ts";
import { assertEnv } from "../env.ts";
import { createStoreClient } from "../opensearch/client.ts";

export const getHealthz = async (_request: Request, env: Env): Promise<Response> => {
  assertEnv(env);
  const store = await createStoreClient(env.OPENSEARCH_URL)
    .request("GET", "/_cluster/health?filter_path=status&timeout=1s")
    .then(({ status }) => (status === 200 ? "up" : "down"))
    .catch(() => "down" as const);
  return Response.json({ status: "ok", opensearch: store }, { headers: { "Cache-Control": "no-store" } });
};
