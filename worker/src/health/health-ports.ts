/**
 * Connects the health check to KV and OpenSearch.
 */
import * as z from "zod";
import { APP_ENTRY_PREFIX } from "#contract/store/app-record.ts";
import { getStoreClient, type Env } from "../env.ts";
import { parseResponse } from "../opensearch/search.ts";
import { toDay } from "../quota/app-quotas.ts";
import { fetchUsage, isNearQuota } from "../quota/usage-store.ts";
import type { HealthPorts } from "./check-health.ts";
import { fetchClusterState } from "../opensearch/cluster-state.ts";

/** OpenSearch sends no `Date` header; this is its cheapest response with a time. Seconds since 1970, as text. */
const TIME_PATH = "/_cat/health?format=json&h=epoch";
const timeSchema = z.tuple([z.object({ epoch: z.coerce.number() })]);

export const createHealthPorts = (env: Env): HealthPorts => {
  const client = getStoreClient(env);
  return {
    fetchClusterState: () => fetchClusterState(client),
    fetchStoreTimeMs: async () => {
      const [{ epoch }] = parseResponse(await client.request("GET", TIME_PATH), timeSchema);
      return epoch * 1_000;
    },
    hasApps: async () => (await env.APPS.list({ prefix: APP_ENTRY_PREFIX, limit: 1 })).keys.length > 0,
    countAppsNearQuota: async () => {
      const [usage] = await fetchUsage(client, [toDay(Date.now())]);
      return usage?.apps.filter(isNearQuota).length ?? 0;
    },
  };
};
