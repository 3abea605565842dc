/**
 * Turns the response to `_bulk` into one outcome per document.
 */
import * as z from "zod";

/**
 * The result for one document:
 *
 * - `created`: stored by this request.
 * - `duplicate`: a document with this id was already in the index.
 * - `unknown`: it may or may not be stored. Send it again.
 * - `refused`: OpenSearch will never accept this document. `detail` is its error.
 */
export type CreateOutcome =
  | { readonly state: "created" | "duplicate" | "unknown" }
  | { readonly state: "refused"; readonly detail: string };

const bulkResponseSchema = z.object({
  items: z.array(
    z.object({
      create: z.object({
        status: z.int(),
        error: z.object({ type: z.string(), reason: z.string().nullish() }).optional(),
      }),
    }),
  ),
});

const UNKNOWN: CreateOutcome = { state: "unknown" };
const CREATED: CreateOutcome = { state: "created" };
const DUPLICATE: CreateOutcome = { state: "duplicate" };

/** Statuses and errors caused by the cluster or its configuration, not by the document. A retry can succeed. */
const RETRYABLE_STATUSES = new Set([401, 403, 404, 408, 429]);
const RETRYABLE_ERRORS = new Set(["cluster_block_exception", "index_closed_exception", "validation_exception"]);

const toOutcome = (
  status: number,
  error: { type: string; reason?: string | null | undefined } | undefined,
): CreateOutcome => {
  if (status === 200 || status === 201) return CREATED;
  if (status === 409) return DUPLICATE;
  const isFinal =
    status >= 400 && status < 500 && !RETRYABLE_STATUSES.has(status) && !RETRYABLE_ERRORS.has(error?.type ?? "");
  return isFinal ? { state: "refused", detail: `${error?.type ?? status}: ${error?.reason ?? ""}` } : UNKNOWN;
};

/**
 * Returns `documentCount` outcomes in the order of the request. When the status is not 200, the body has another shape,
 * or the number of items differs from `documentCount`, every outcome is `unknown`.
 */
export const parseBulkResponse = (status: number, body: unknown, documentCount: number): readonly CreateOutcome[] => {
  const response = status === 200 ? bulkResponseSchema.safeParse(body) : undefined;
  if (response?.success !== true || response.data.items.length !== documentCount) {
    return Array.from({ length: documentCount }, () => UNKNOWN);
  }
  return response.data.items.map(({ create }) => toOutcome(create.status, create.error));
};
