/** The functions of the Worker that read and store the state of retention, with the OpenSearch client of commands. */
import { OpenSearchError, type OpenSearch } from "../../opensearch/connect.ts";
import type { StoreClient } from "../../worker/src/opensearch/client.ts";

/** Error statuses are returned without a body, as the functions of the Worker expect. */
export const toStoreClient = (opensearch: OpenSearch): Pick<StoreClient, "request"> => ({
  async request(method, path, body) {
    try {
      return { status: 200, body: await opensearch.request(method, path, body) };
    } catch (error) {
      if (error instanceof OpenSearchError && error.status !== undefined)
        return { status: error.status, body: undefined };
      throw error;
    }
  },
});
