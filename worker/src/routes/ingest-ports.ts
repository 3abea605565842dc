/**
 * Connects the ingest core to KV and OpenSearch.
 */
import { findApp } from "../access/apps.ts";
import type { Env } from "../env.ts";
import type { IngestPorts } from "../ingest/ingest.ts";
import { logWarning } from "../logger.ts";
import { openBulk, type BulkFailure } from "../opensearch/bulk-create.ts";
import { createStoreClient } from "../opensearch/client.ts";

const logFailure = (failure: BulkFailure): void => {
  switch (failure.kind) {
    case "error_status":
      logWarning("OpenSearch returned an error for a bulk request", { status: failure.status, index: failure.index });
      break;
    case "no_response":
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

/** Create the ports once per request: the store client's sockets belong to the request that opened them. */
export const createIngestPorts = (env: Env, { onPlanned }: Pick<IngestPorts, "onPlanned">): IngestPorts => {
  const client = createStoreClient(env.OPENSEARCH_URL);
  return {
    findRetention: async (app) => {
      const record = await findApp(env.APPS, app);
      return record?.disabled === true ? "disabled" : record?.retentionDays;
    },
    openBulk: () => openBulk(client, logFailure),
    ...(onPlanned === undefined ? {} : { onPlanned }),
  };
};
