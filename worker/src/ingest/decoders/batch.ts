/**
 * The batch format. Only the fields around `events` are validated here. Events are validated one at a time later, so an
 * invalid event does not reject the others.
 */
import { batchHeadSchema, type BatchHead } from "#contract/wire/batch.ts";
import type { Change } from "#contract/wire/change.ts";
import type { JsonObject } from "#contract/wire/dialect.ts";
import { BATCH_VERSION } from "#contract/wire/batch-version.ts";
import { MAX_SHARED_LENGTH } from "#contract/wire/limits.ts";
import { toTraceContext } from "#contract/wire/trace-context.ts";
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { toPlainBatch } from "#contract/check/plain-event.ts";
import { repairOf } from "#contract/check/read-json.ts";
import { UnreadableEvent } from "#contract/check/split-json.ts";
import { normalizeBatch } from "#contract/check/normalize-event.ts";
import type { DecodedPayload } from "../delivery.ts";
import { fail, ok, type Result } from "../result.ts";
import { toOwnEvent } from "./repaired.ts";
import { toViolation } from "../to-violation.ts";

const parseHead = (value: JsonObject): Result<BatchHead> => {
  const plain = toPlainBatch(value);
  if (plain !== undefined) return ok(plain);
  const head = batchHeadSchema.safeParse(value);
  return head.success ? ok(head.data) : fail(toViolation(head.error));
};

const changesOf = (shared: object | undefined): Iterable<Change> => (shared && repairOf(shared)?.changes) ?? [];

/** A batch without the values of equal keys after the first: it has no attribute for them. A second list of events stays, and is refused. */
const withoutRenamed = (batch: JsonObject): JsonObject => {
  const renamed = (repairOf(batch)?.renamed ?? []).filter((name) => !name.startsWith("events"));
  return renamed.length === 0
    ? batch
    : Object.fromEntries(Object.entries(batch).filter(([key]) => !renamed.includes(key)));
};

export const decodeBatch = (sent: JsonObject): Result<DecodedPayload> => {
  const { value, changes } = normalizeBatch(withoutRenamed(sent));
  if (value["v"] !== BATCH_VERSION) {
    return fail({
      reason: "unsupported_version",
      message: `v must be ${BATCH_VERSION}, the version of the batch format.`,
      field: "v",
      limit: BATCH_VERSION,
    });
  }
  const head = parseHead(value);
  if (!head.ok) return head;
  const { id, resource, attributes, events } = head.value;
  const violation =
    (resource && checkAttributes(resource, "resource", MAX_SHARED_LENGTH)) ??
    (attributes && checkAttributes(attributes, "attributes", MAX_SHARED_LENGTH));
  if (violation !== undefined) return fail(violation);
  const repairs = [...changesOf(resource), ...changesOf(attributes)];
  return ok({
    dialect: "batch",
    batchId: id,
    resource,
    attributes,
    trace: toTraceContext(attributes?.["traceparent"]),
    events: events.map((event) =>
      event instanceof UnreadableEvent ? { ok: false, violation: event.violation, raw: event.raw } : toOwnEvent(event),
    ),
    changes: repairs.length === 0 ? changes : [...changes, ...repairs],
  });
};
