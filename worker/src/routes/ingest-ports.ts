/**
 * Connects the ingest core to KV and OpenSearch.
 */
import { findApp } from "../access/apps.ts";
import type { Env } from "../env.ts";
import type { IngestPorts } from "../ingest/ingest.ts";
import { createStoreClient } from "../opensearch/client.ts";
import { createAll } from "../opensearch/create-all.ts";

/** Seconds after which a refused sender should come again: about what OpenSearch needs to start. */
export const RETRY_AFTER_SECONDS = 5;

export const createIngestPorts = (env: Env): IngestPorts => {
  const client = createStoreClient(env.OPENSEARCH_URL);
  return {
    findRetention: async (app) => {
      const record = await findApp(env.APPS, app);
      return record?.disabled === true ? "disabled" : record?.retentionDays;
    },
    createAll: (creations) => createAll(client, creations),
  };
};
