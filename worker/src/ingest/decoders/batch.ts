/**
 * Our own batch. Its head is read strictly, its events one by one later, so that a bad one costs no neighbour.
 */
import { batchHeadSchema } from "#contract/wire/batch.ts";
import { BATCH_VERSION } from "#contract/wire/batch-version.ts";
import { MAX_SHARED_LENGTH } from "#contract/wire/limits.ts";
import { toTraceContext } from "#contract/wire/trace-context.ts";
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { fail, ok, type DecodedPayload, type Result } from "../payload.ts";
import { toViolation } from "../to-violation.ts";

/** Has `events`: nothing else that we accept does. */
export const isBatch = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && "events" in value;

export const decodeBatch = (value: Readonly<Record<string, unknown>>): Result<DecodedPayload> => {
  if (value["v"] !== BATCH_VERSION) {
    return fail({
      reason: "unsupported_version",
      message: `v must be ${BATCH_VERSION}, the version of the batch format.`,
      field: "v",
      limit: BATCH_VERSION,
    });
  }
  const head = batchHeadSchema.safeParse(value);
  if (!head.success) return fail(toViolation(head.error));
  const { id, resource, attributes, events } = head.data;
  const violation =
    (resource && checkAttributes(resource, "resource", MAX_SHARED_LENGTH)) ??
    (attributes && checkAttributes(attributes, "attributes", MAX_SHARED_LENGTH));
  if (violation !== undefined) return fail(violation);
  return ok({
    dialect: "batch",
    batchId: id,
    resource,
    attributes,
    trace: toTraceContext(attributes?.["traceparent"]),
    events: events.map((event) => ({ ok: true, value: event })),
  });
};
