/**
 * Creates documents by `_bulk`. `create` answers 409 for an id that is there already, which is how a resend is harmless.
 */
import type { Creation } from "../ingest/planned.ts";
import type { CreationOutcome } from "../ingest/ingest.ts";
import { logTrouble } from "../logger.ts";
import type { StoreClient } from "./client.ts";
import { sortBulkAnswer } from "./sort-bulk-answer.ts";

/** Only what is read of the answer: the rest is 200 bytes an event. */
const BULK_PATH = "/_bulk?filter_path=items.create.status,items.create.error.type,items.create.error.reason";

const toLines = ({ index, id, source }: Creation): string =>
  `{"create":{"_index":${JSON.stringify(index)},"_id":${JSON.stringify(id)}}}\n${source}\n`;

export const createAll = async (
  client: StoreClient,
  creations: readonly Creation[],
): Promise<readonly CreationOutcome[]> => {
  if (creations.length === 0) return [];
  let body = "";
  for (const creation of creations) body += toLines(creation);
  try {
    const answer = await client.request("POST", BULK_PATH, body);
    if (answer.status !== 200)
      logTrouble("OpenSearch answered a bulk request with an error", { status: answer.status });
    return sortBulkAnswer(answer.status, answer.body, creations.length);
  } catch (error) {
    // No answer, or one that is not JSON: whether OpenSearch took the documents is not known. The caller says 503.
    logTrouble("OpenSearch gave no answer to a bulk request", {
      error: error instanceof Error ? error.name : "unknown",
    });
    return sortBulkAnswer(0, undefined, creations.length);
  }
};
