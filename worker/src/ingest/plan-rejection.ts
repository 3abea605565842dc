/**
 * Plans the rejected-store document for a payload or event that cannot be stored as a log: the payload and the reason.
 */
import { Buffer } from "node:buffer";
import { v5 as uuidv5 } from "uuid";
import { ExactNumber } from "#contract/check/exact-number.ts";
import { BATCH_VERSION } from "#contract/wire/batch-version.ts";
import { MAX_REPEATED_SHARED_LENGTH } from "#contract/wire/limits.ts";
import type { RejectedDocument } from "#contract/store/log-document.ts";
import type { Violation } from "#contract/wire/violation.ts";
import { decodeText, decodeUtf8 } from "#contract/check/decode-text.ts";
import { isGzip } from "#contract/wire/dialect.ts";
import type { OtherProtocol } from "#contract/wire/intakes.ts";
import { isObject } from "#contract/wire/json-object.ts";
import { isUuid } from "#contract/wire/uuid.ts";
import { timeOfUuid } from "#contract/store/event-time.ts";
import { findUsers, findUsersInBytes } from "./find-users.ts";
import { gunzip } from "./gunzip.ts";
import { ok } from "./result.ts";
import type { DecodedPayload, Delivery, RawEvent } from "./delivery.ts";
import type { PlannedEvent } from "./delivery-plan.ts";
import type { NewDocument } from "../opensearch/bulk-create.ts";
import { toNewRejectedDocument } from "./to-rejected-document.ts";
import { uuidFromText } from "./uuid-from-text.ts";

/** Returns the event's id if it is a UUID. Other ids are ignored: a faulty sender may use the same one for all events. */
export const readEventId = (value: unknown): string | undefined => {
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
  return isUuid(id) ? id.toLowerCase() : undefined;
};

/** ECMAScript 2027: makes `JSON.stringify` write a number with these digits. Node.js 22 and workerd have it. */
const { rawJSON } = JSON as unknown as { readonly rawJSON?: (text: string) => unknown };

/** `JSON.stringify`, with the digits of all numbers. */
const toJson = (value: unknown): string =>
  JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, key: string, each: unknown) {
    const sent = this[key];
    return sent instanceof ExactNumber && rawJSON !== undefined ? rawJSON(sent.digits) : each;
  });

/** Stores bytes as text if they are UTF-8, else as base64. Other values are stored as JSON. */
export const toStoredPayload = (raw: unknown): RejectedDocument["payload"] => {
  if (raw instanceof Uint8Array) {
    const text = decodeUtf8(raw);
    return text === undefined
      ? { base64: Buffer.from(raw).toString("base64"), bytes: raw.byteLength }
      : { text, bytes: raw.byteLength };
  }
  const text = typeof raw === "string" ? raw : toJson(raw);
  return { text, bytes: Buffer.byteLength(text) };
};

/** The users that a rejected payload names; `undefined` for gzip that is damaged or too large, whose content cannot be read. */
export const findPayloadUsers = (raw: unknown): readonly string[] | undefined => {
  if (!(raw instanceof Uint8Array)) return findUsers(toStoredPayload(raw).text ?? "");
  const uncompressed = isGzip(raw) ? gunzip(raw) : ok(raw);
  if (!uncompressed.ok) return undefined;
  const bytes = uncompressed.value;
  return [...new Set([...findUsers(decodeText(bytes)?.text ?? ""), ...findUsersInBytes(bytes)])];
};

/** The part of a payload that `toRejectedPayload` repeats for each rejected event. */
const toSharedPart = ({ resource, attributes }: DecodedPayload): object | undefined =>
  resource === undefined && attributes === undefined ? undefined : { v: BATCH_VERSION, resource, attributes };

/**
 * Returns a payload that contains only this event and can be sent again. It is the original payload if that has a single
 * event, else the event with the resource and attributes of its batch.
 */
export const toRejectedPayload = (delivery: Delivery, decoded: DecodedPayload, event: RawEvent): unknown => {
  // The lines of a bulk request, and the units of a protocol, are not a payload of other routes.
  const isOwnFormat = delivery.bulk === undefined && delivery.intake === undefined;
  if (decoded.events.length === 1 && isOwnFormat) return delivery.payload;
  if (!event.ok || event.raw !== undefined) return event.raw;
  const shared = toSharedPart(decoded);
  if (shared !== undefined) return { ...shared, events: [event.value] };
  // A string or a number from a list, which is invalid there, would be a valid text on its own.
  return isObject(event.value) ? event.value : [event.value];
};

const toProtocol = ({ protocol, intake, bulk }: Delivery): OtherProtocol | undefined =>
  protocol ?? intake?.name ?? (bulk === undefined ? undefined : "elasticsearch");

/** Where the rejected event is in its payload. All fields are absent when the whole payload is rejected. */
interface RejectedAt {
  readonly position?: number;
  readonly eventId?: string | undefined;
  readonly batchId?: string | undefined;
  /** Number of rejected events in the document, if there are several. */
  readonly count?: number;
  /** Whether the document must not contain the payload, which names an erased user. Default: false. */
  readonly isErased?: boolean;
}

/**
 * Creates the document for `raw`, which is a payload or an event.
 *
 * The document's id is computed from the content and the sender's event or batch id, so a resend does not store it twice.
 * Without such an id it is computed from the content and the stamp.
 */
const toRejectedDocument = (delivery: Delivery, violation: Violation, raw: unknown, at: RejectedAt): NewDocument => {
  const { position, eventId, batchId, count, isErased = false } = at;
  const observed = new Date(timeOfUuid(delivery.stamp) ?? 0).toISOString();
  const sent = toStoredPayload(raw);
  const payload = isErased ? { bytes: sent.bytes } : sent;
  const sentId = eventId ?? batchId;
  const name = [delivery.app, sentId, position, sent.text ?? sent.base64].join("/");
  const protocol = toProtocol(delivery);
  const users = isErased ? [] : (findPayloadUsers(raw) ?? []);
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
      ...(count === undefined ? {} : { count }),
    },
    ...(users.length === 0 ? {} : { users }),
    edgelog: {
      transport: delivery.transport,
      ...(delivery.app === undefined ? {} : { app: delivery.app }),
      ...(delivery.client === undefined ? {} : { client: delivery.client }),
      ...(delivery.topic === undefined ? {} : { topic: delivery.topic }),
      ...(protocol === undefined ? {} : { protocol }),
      ...(delivery.userAgent === undefined || isErased ? {} : { userAgent: delivery.userAgent }),
    },
    payload,
  };
  return toNewRejectedDocument(document);
};

/** Plans the rejection of the whole payload. @param isErased Whether it names an erased user, and is not stored. */
export const planPayloadRejection = (delivery: Delivery, violation: Violation, isErased = false): PlannedEvent => ({
  kind: "rejected",
  violation,
  newDocument: toRejectedDocument(delivery, violation, delivery.payload, { isErased }),
});

/** One event that is rejected, at its position in the payload. */
export interface EventRejection {
  readonly position: number;
  readonly eventId: string | undefined;
  readonly violation: Violation;
  readonly raw: RawEvent;
}

/**
 * Plans the rejections of events of one payload, in the order of `rejections`. Each event gets its own document, which
 * repeats the shared fields of the batch. If that repeats more than {@link MAX_REPEATED_SHARED_LENGTH}, all events that are
 * rejected for one reason share a document with these events as a batch, which can be replayed like the others.
 */
export const planEventRejections = (
  delivery: Delivery,
  decoded: DecodedPayload,
  rejections: readonly EventRejection[],
): readonly PlannedEvent[] => {
  const { batchId } = decoded;
  const toPlanned = ({ position, eventId, violation }: EventRejection, newDocument: NewDocument): PlannedEvent => ({
    kind: "rejected",
    violation,
    position,
    eventId,
    newDocument,
  });
  const shared = rejections.length > 1 ? toSharedPart(decoded) : undefined;
  const sharedLength = shared === undefined ? 0 : JSON.stringify(shared).length;
  if (sharedLength * rejections.length <= MAX_REPEATED_SHARED_LENGTH) {
    return rejections.map((rejection) => {
      const { position, eventId, violation, raw } = rejection;
      const payload = toRejectedPayload(delivery, decoded, raw);
      const at = { position, eventId, batchId };
      return toPlanned(rejection, toRejectedDocument(delivery, violation, payload, at));
    });
  }
  const byReason = Map.groupBy(rejections, ({ violation }) => violation.reason);
  const documents = new Map(
    [...byReason].map(([reason, group]) => {
      const [first] = group;
      const violation = first?.violation ?? { reason, message: reason };
      const payload = { ...shared, events: group.map(({ raw }) => (raw.ok ? (raw.raw ?? raw.value) : raw.raw)) };
      const at = { position: first?.position ?? 0, eventId: first?.eventId, batchId, count: group.length };
      return [reason, toRejectedDocument(delivery, violation, payload, at)] as const;
    }),
  );
  return rejections.flatMap((rejection) => {
    const document = documents.get(rejection.violation.reason);
    return document === undefined ? [] : [toPlanned(rejection, document)];
  });
};
