/**
 * Creates documents with one `_bulk` request. OpenSearch responds to `create` with 409 when the id exists, so sending a
 * document again never stores it twice.
 */
import type { StoreClient } from "./client.ts";
import { parseBulkResponse, type CreateOutcome } from "./parse-bulk-response.ts";

/** One document to create. */
export interface NewDocument {
  readonly index: string;
  readonly id: string;
  /** The document as JSON on one line. */
  readonly source: string;
}

/** Why a whole bulk request failed. */
export type BulkFailure =
  | { readonly kind: "error_status"; readonly status: number }
  /** No response, or one that is not JSON. `error` describes the cause. */
  | { readonly kind: "no_response"; readonly error: string };

/** Limits the response to the fields read below. The others take 200 bytes per document. */
const BULK_PATH = "/_bulk?filter_path=items.create.status,items.create.error.type,items.create.error.reason";

const toBulkLines = ({ index, id, source }: NewDocument): string =>
  `{"create":{"_index":${JSON.stringify(index)},"_id":${JSON.stringify(id)}}}\n${source}\n`;

/**
 * Returns one outcome per document, in the same order. Never rejects: when the request fails, `onFailure` gets the reason
 * and every outcome is `unknown`.
 */
export const bulkCreate = async (
  client: StoreClient,
  documents: readonly NewDocument[],
  onFailure: (failure: BulkFailure) => void,
): Promise<readonly CreateOutcome[]> => {
  if (documents.length === 0) return [];
  let body = "";
  for (const document of documents) body += toBulkLines(document);
  try {
    const response = await client.request("POST", BULK_PATH, body);
    if (response.status !== 200) onFailure({ kind: "error_status", status: response.status });
    return parseBulkResponse(response.status, response.body, documents.length);
  } catch (error) {
    onFailure({ kind: "no_response", error: error instanceof Error ? error.message : "unknown" });
    return parseBulkResponse(0, undefined, documents.length);
  }
};
