/**
 * Plans the rejected-store document for a payload or event that cannot be stored as a log: the payload and the reason.
 */
import { v5 as uuidv5 } from "uuid";
import { BATCH_VERSION } from "#contract/wire/batch-version.ts";
import { rejectedIndex, type RejectedDocument } from "#contract/store/log-document.ts";
import type { Violation } from "#contract/wire/violation.ts";
import { decodeUtf8 } from "#contract/wire/dialect.ts";
import { isUuid } from "#contract/wire/uuid.ts";
import { timeOfUuid } from "#contract/store/event-time.ts";
import type { DecodedPayload, Delivery, RawEvent } from "./delivery.ts";
import type { PlannedEvent } from "./delivery-plan.ts";
import { uuidFromText } from "./uuid-from-text.ts";

/** Returns the event's id if it is a UUID. Other ids are ignored: a faulty sender may use the same one for all events. */
export const readEventId = (value: unknown): string | undefined => {
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
  return isUuid(id) ? id.toLowerCase() : undefined;
};

const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

/** Stores bytes as text if they are UTF-8, else as base64. Other values are stored as JSON. */
const toStoredPayload = (raw: unknown): RejectedDocument["payload"] => {
  if (raw instanceof Uint8Array) {
    const text = decodeUtf8(raw);
    return text === undefined ? { base64: toBase64(raw), bytes: raw.byteLength } : { text, bytes: raw.byteLength };
  }
  const text = typeof raw === "string" ? raw : JSON.stringify(raw);
  return { text, bytes: new TextEncoder().encode(text).byteLength };
};

/**
 * Returns a payload that contains only this event and can be sent again. It is the original payload if that has a single
 * event, else the event with the resource and attributes of its batch.
 */
export const toReplayablePayload = (delivery: Delivery, decoded: DecodedPayload, event: RawEvent): unknown => {
  if (decoded.events.length === 1) return delivery.payload;
  if (!event.ok) return event.raw;
  const { resource, attributes } = decoded;
  if (resource === undefined && attributes === undefined) return event.value;
  return { v: BATCH_VERSION, resource, attributes, events: [event.value] };
};

/**
 * Plans the document for `raw`: the whole payload, or one event of it at `at.position`.
 *
 * The document's id is computed from the content and the sender's event or batch id, so a resend does not store it twice.
 * Without such an id it is computed from the content and the stamp.
 */
export const planRejection = (
  delivery: Delivery,
  violation: Violation,
  raw: unknown,
  at: { readonly position?: number; readonly eventId?: string | undefined; readonly batchId?: string | undefined } = {},
): PlannedEvent => {
  const { position, eventId, batchId } = at;
  const observed = new Date(timeOfUuid(delivery.stamp) ?? 0).toISOString();
  const payload = toStoredPayload(raw);
  const sentId = eventId ?? batchId;
  const name = [delivery.app, sentId, position, payload.text ?? payload.base64].join("/");
  const uid = uuidFromText(name, sentId === undefined ? delivery.stamp : uuidv5.URL);
  const document: RejectedDocument = {
    "@timestamp": observed,
    uid,
    reason: violation.reason,
    message: violation.message,
    ...(violation.field === undefined ? {} : { field: violation.field }),
    ...(violation.limit === undefined ? {} : { limit: violation.limit }),
    event: {
      ...(eventId === undefined ? {} : { id: eventId }),
      ...(position === undefined ? {} : { index: position }),
    },
    edgelog: {
      transport: delivery.transport,
      ...(delivery.app === undefined ? {} : { app: delivery.app }),
      ...(delivery.client === undefined ? {} : { client: delivery.client }),
      ...(delivery.topic === undefined ? {} : { topic: delivery.topic }),
    },
    payload,
  };
  return {
    kind: "rejected",
    violation,
    ...(position === undefined ? {} : { position }),
    eventId,
    newDocument: {
      index: rejectedIndex(observed),
      id: uid,
      source: JSON.stringify(document),
    },
  };
};
