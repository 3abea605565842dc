/**
 * Connects the ingest core to KV and OpenSearch.
 */
import { openAppStore } from "../access/app-store.ts";
import type { UsageDocument } from "#contract/store/usage.ts";
import { appQuotas } from "../quota/app-quotas.ts";
import { fetchUsage } from "../quota/usage-store.ts";
import { findApp, type AppRecord } from "../access/apps.ts";
import { getStoreClient, toIndexPeriods, type Env } from "../env.ts";
import { findErasedUsers, withErasedUsers } from "../erase/erased-users.ts";
import { createReadinessPorts } from "../health/health-ports.ts";
import { storeReadiness } from "../health/store-readiness.ts";
import type { IngestPorts } from "../ingest/ingest.ts";
import { logWarning } from "../logger.ts";
import { openBulk, type BulkFailure } from "../opensearch/bulk-create.ts";
import { findExisting } from "../opensearch/find-existing.ts";

const reportFailure = (failure: BulkFailure): void => {
  switch (failure.kind) {
    case "error_status":
      // Also a proxy in front of an OpenSearch that does not respond.
      if (failure.status >= 500) storeReadiness.suspect();
      logWarning("OpenSearch returned an error for a bulk request", { status: failure.status, index: failure.index });
      break;
    case "no_response":
      storeReadiness.suspect();
      logWarning("OpenSearch sent no readable response to a bulk request", {
        error: failure.error,
        index: failure.index,
      });
      break;
    case "unknown_outcomes":
      logWarning("OpenSearch did not store some documents; they are sent again", {
        index: failure.index,
        documents: failure.count,
        error: failure.cause,
      });
      break;
  }
};

/** Create the ports once per request: they remember the apps that the request needs. */
export const createIngestPorts = (env: Env, { onPlanned }: Pick<IngestPorts, "onPlanned">): IngestPorts => {
  const client = getStoreClient(env);
  const readinessPorts = createReadinessPorts(env);
  const records = new Map<string, Promise<AppRecord | undefined>>();
  const find = async (app: string): Promise<AppRecord | undefined> => {
    const record = records.get(app) ?? findApp(openAppStore(env), app);
    records.set(app, record);
    return await record;
  };
  return {
    findRetention: async (app) => {
      const record = await find(app);
      return record?.disabled === true ? "disabled" : record?.retentionDays;
    },
    findAdmission: async (app) => {
      const record = await find(app);
      const fetchDay = async (day: string): Promise<UsageDocument | undefined> => (await fetchUsage(client, [day]))[0];
      if (record === undefined) return undefined;
      const [openQuota, erased] = await Promise.all([
        appQuotas.open(app, record, Date.now(), fetchDay),
        findErasedUsers(openAppStore(env), app),
      ]);
      return erased === undefined ? openQuota : withErasedUsers(erased, openQuota);
    },
    openBulk: () => openBulk(client, reportFailure, () => storeReadiness.isReady(readinessPorts)),
    indexPeriods: toIndexPeriods(env),
    findExisting: (refs) => findExisting(client, refs),
    ...(onPlanned === undefined ? {} : { onPlanned }),
  };
};
