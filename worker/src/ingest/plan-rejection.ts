/**
 * What could not become a log, as it is kept: the payload as it came, and the reason.
 */
import { v5 as uuidv5 } from "uuid";
import { BATCH_VERSION } from "#contract/wire/batch-version.ts";
import { rejectedIndex, type RejectedDocument } from "#contract/store/log-document.ts";
import type { Violation } from "#contract/wire/reject-reason.ts";
import { readText } from "./decode.ts";
import { timeOfUuid } from "#contract/store/event-time.ts";
import type { DecodedPayload, Delivery, RawEvent } from "./payload.ts";
import type { PlannedEvent } from "./planned.ts";
import { uuidOfText } from "./uuid-of-text.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id that is no UUID is nothing to go by: all events of a broken sender may bear the same. */
export const idOf = (value: unknown): string | undefined => {
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
  return typeof id === "string" && UUID.test(id) ? id.toLowerCase() : undefined;
};

const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

/** A payload as it came, or the part of it that was rejected. */
const toKept = (raw: unknown): RejectedDocument["payload"] => {
  if (raw instanceof Uint8Array) {
    const text = readText(raw);
    return text === undefined ? { base64: toBase64(raw), bytes: raw.byteLength } : { text, bytes: raw.byteLength };
  }
  const text = typeof raw === "string" ? raw : JSON.stringify(raw);
  return { text, bytes: new TextEncoder().encode(text).byteLength };
};

/**
 * What to keep of an event so that it can be handed in again by itself: the payload as it came where it held nothing
 * else, else the event with what its batch said for all.
 */
export const toReplayable = (delivery: Delivery, decoded: DecodedPayload, event: RawEvent): unknown => {
  if (decoded.events.length === 1) return delivery.payload;
  if (!event.ok) return event.raw;
  const { resource, attributes } = decoded;
  if (resource === undefined && attributes === undefined) return event.value;
  return { v: BATCH_VERSION, resource, attributes, events: [event.value] };
};

/** Keeps what could not become a log. Its id is a function of what was sent, so that a resend keeps it once. */
export const planRejection = (
  delivery: Delivery,
  violation: Violation,
  raw: unknown,
  at: { readonly position?: number; readonly eventId?: string | undefined; readonly batchId?: string | undefined } = {},
): PlannedEvent => {
  const { position, eventId, batchId } = at;
  const observed = new Date(timeOfUuid(delivery.stamp) ?? 0).toISOString();
  const payload = toKept(raw);
  const sentId = eventId ?? batchId;
  const name = [delivery.app, sentId, position, payload.text ?? payload.base64].join("/");
  const uid = uuidOfText(name, sentId === undefined ? delivery.stamp : uuidv5.URL);
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
    creation: {
      index: rejectedIndex(observed),
      id: uid,
      source: JSON.stringify(document),
    },
  };
};
