/** The functions of the Worker that read and store the state of retention, with the OpenSearch client of commands. */
import { OpenSearchError, type OpenSearch } from "../../opensearch/connect.ts";
import type { StoreClient } from "../../worker/src/opensearch/client.ts";

/** Expected by `fetchDisks`: the user of OpenSearch may not read the disks. */
const DISKS = "/_nodes/";

/**
 * The statuses that the functions of the Worker expect are returned without a body. They would throw an error without a reason for others,
 * such as 401 for a wrong password.
 */
export const toStoreClient = (opensearch: OpenSearch): Pick<StoreClient, "request"> => ({
  async request(method, path, body) {
    try {
      return { status: 200, body: await opensearch.request(method, path, body) };
    } catch (error) {
      if (!(error instanceof OpenSearchError)) throw error;
      const { status } = error;
      if (status === 404 || status === 409 || (status === 403 && path.startsWith(DISKS)))
        return { status, body: undefined };
      throw error;
    }
  },
});
