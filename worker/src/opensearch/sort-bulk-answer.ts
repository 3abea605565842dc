/**
 * Sorts the answer of `_bulk` into one outcome for each operation.
 * An answer that can't be read, or that does not fit the request, says nothing: then every outcome is unknown.
 */
import * as z from "zod";
import type { CreationOutcome } from "../ingest/ingest.ts";

const bulkAnswerSchema = z.object({
  items: z.array(
    z.object({
      create: z.object({
        status: z.int(),
        error: z.object({ type: z.string(), reason: z.string().nullish() }).optional(),
      }),
    }),
  ),
});

const UNKNOWN: CreationOutcome = { state: "unknown" };
const CREATED: CreationOutcome = { state: "created" };
const DUPLICATE: CreationOutcome = { state: "duplicate" };

/** Trouble of the cluster or its set-up that comes as a 4xx; it passes or is mended, and is no fault of the document. */
const PASSING_STATUSES = new Set([401, 403, 404, 408, 429]);
const PASSING_ERRORS = new Set(["cluster_block_exception", "index_closed_exception", "validation_exception"]);

const sortItem = (
  status: number,
  error: { type: string; reason?: string | null | undefined } | undefined,
): CreationOutcome => {
  if (status === 200 || status === 201) return CREATED;
  if (status === 409) return DUPLICATE;
  const isFinal =
    status >= 400 && status < 500 && !PASSING_STATUSES.has(status) && !PASSING_ERRORS.has(error?.type ?? "");
  return isFinal ? { state: "refused", detail: `${error?.type ?? status}: ${error?.reason ?? ""}` } : UNKNOWN;
};

export const sortBulkAnswer = (status: number, body: unknown, operations: number): readonly CreationOutcome[] => {
  const answer = status === 200 ? bulkAnswerSchema.safeParse(body) : undefined;
  if (answer?.success !== true || answer.data.items.length !== operations) {
    return Array.from({ length: operations }, () => UNKNOWN);
  }
  return answer.data.items.map(({ create }) => sortItem(create.status, create.error));
};
