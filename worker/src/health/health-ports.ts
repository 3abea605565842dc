/**
 * Connects the health check to KV and OpenSearch.
 */
import { APP_ENTRY_PREFIX } from "#contract/store/app-record.ts";
import { getStoreClient, type Env } from "../env.ts";
import { toDay } from "../quota/app-quotas.ts";
import { fetchUsage, isNearQuota } from "../quota/usage-store.ts";
import type { HealthPorts } from "./check-health.ts";
import { fetchClusterState } from "../opensearch/cluster-state.ts";
import { findMissingTemplates } from "../opensearch/missing-templates.ts";
import { fetchStoreTimeMs } from "../opensearch/store-time.ts";
import type { ReadinessPorts } from "./store-readiness.ts";

/** The ports for writes, a part of those of the health check. */
export const createReadinessPorts = (env: Env): ReadinessPorts => {
  const client = getStoreClient(env);
  return {
    findMissingTemplates: () => findMissingTemplates(client),
    fetchStoreTimeMs: () => fetchStoreTimeMs(client),
    mayClockBeWrong: env.MAY_CLOCK_BE_WRONG === true,
  };
};

export const createHealthPorts = (env: Env): HealthPorts => {
  const client = getStoreClient(env);
  return {
    ...createReadinessPorts(env),
    fetchClusterState: () => fetchClusterState(client),
    hasApps: async () => (await env.APPS.list({ prefix: APP_ENTRY_PREFIX, limit: 1 })).keys.length > 0,
    countAppsNearQuota: async () => {
      const [usage] = await fetchUsage(client, [toDay(Date.now())]);
      return usage?.apps.filter(isNearQuota).length ?? 0;
    },
  };
};
