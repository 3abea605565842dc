/**
 * From a delivery to the documents it becomes. Pure: the same delivery always plans the same documents under the same
 * ids, which is what makes a resend harmless.
 */
import { v5 as uuidv5 } from "uuid";
import { MAX_BATCH_EVENTS, type RetentionDays } from "../../../contract/limits.ts";
import { logsIndex, rejectedIndex, skewedLogsIndex, type RejectedDocument } from "../../../contract/log-document.ts";
import type { LogEvent } from "../../../contract/log-event.ts";
import type { Violation } from "../../../contract/reject-reason.ts";
import { SEVERITY_NUMBERS } from "../../../contract/severity.ts";
import { decode, readText } from "./decode.ts";
import { placeTime, timeOfUuid } from "./event-time.ts";
import { liftAttributes, liftResource } from "./lift-fields.ts";
import type { DecodedPayload, Delivery } from "./payload.ts";
import { validateEvent } from "./validate-event.ts";

/** One document to create. */
export interface Creation {
  readonly index: string;
  readonly id: string;
  /** JSON. */
  readonly source: string;
}

/** An event on its way: either a log, or kept as rejected with its reason. */
export interface PlannedEvent {
  readonly kind: "log" | "rejected";
  /** Position in the payload; absent when the payload as a whole is rejected. */
  readonly position?: number;
  /** The event's own id, where it brought one that could be read. */
  readonly eventId?: string | undefined;
  readonly violation?: Violation;
  readonly creation: Creation;
}

export interface PlannedDelivery {
  readonly delivery: Delivery;
  readonly batchId?: string | undefined;
  readonly events: readonly PlannedEvent[];
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id that is no UUID is nothing to go by: all events of a broken sender may bear the same. */
const idOf = (value: unknown): string | undefined => {
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
  const document: RejectedDocument = {
    "@timestamp": observed,
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
  const sentId = eventId ?? batchId;
  const name = [delivery.app, sentId, position, payload.text ?? payload.base64].join("/");
  return {
    kind: "rejected",
    violation,
    ...(position === undefined ? {} : { position }),
    eventId,
    creation: {
      index: rejectedIndex(observed),
      id: uuidv5(name, sentId === undefined ? delivery.stamp : uuidv5.URL),
      source: JSON.stringify(document),
    },
  };
};

/** Id of an event that brings none: the same for the same delivery, or for the same batch where that has an id. */
const deriveId = (delivery: Delivery, decoded: DecodedPayload, position: number): string => {
  if (decoded.batchId !== undefined) return uuidv5(String(position), decoded.batchId);
  return decoded.events.length === 1 ? delivery.stamp : uuidv5(String(position), delivery.stamp);
};

const toEventMs = (event: LogEvent): number | undefined => {
  if (event.time === undefined) return event.id === undefined ? undefined : timeOfUuid(event.id);
  return typeof event.time === "number" ? event.time : Date.parse(event.time);
};

/** Plans the logs of one readable payload. */
const planDecoded = (
  delivery: Delivery,
  app: string,
  decoded: DecodedPayload,
  retentionDays: RetentionDays,
): readonly PlannedEvent[] => {
  const observedMs = timeOfUuid(delivery.stamp) ?? 0;
  const observedTimestamp = new Date(observedMs).toISOString();
  const resource = liftResource(decoded.resource);
  const { client, transport } = delivery;

  return decoded.events.map((raw, position) => {
    const at = { position, eventId: raw.ok ? idOf(raw.value) : undefined, batchId: decoded.batchId };
    if (!raw.ok) return planRejection(delivery, raw.violation, raw.raw, at);
    const validated = validateEvent(raw.value);
    if (!validated.ok) return planRejection(delivery, validated.violation, raw.value, at);

    const event = validated.value;
    const id = event.id ?? deriveId(delivery, decoded, position);
    const { timestampMs, claimedMs } = placeTime(toEventMs(event), observedMs, retentionDays);
    const timestamp = new Date(timestampMs).toISOString();
    const document: Record<string, unknown> = {
      "@timestamp": timestamp,
      observedTimestamp,
      severity: { text: event.severity, number: SEVERITY_NUMBERS[event.severity] },
      body: event.body,
      log: { record: { uid: id } },
      edgelog: {
        app,
        client,
        transport,
        dialect: decoded.dialect,
        claimedTime: claimedMs === undefined ? undefined : new Date(claimedMs).toISOString(),
      },
      resource,
      traceId: event.traceId,
      spanId: event.spanId,
    };
    liftAttributes(document, decoded.attributes, event.attributes);
    const index = claimedMs === undefined ? logsIndex(retentionDays, timestamp) : skewedLogsIndex(retentionDays);
    return { kind: "log", position, eventId: event.id, creation: { index, id, source: JSON.stringify(document) } };
  });
};

/** Plans a delivery; `retentionDays` is `undefined` when its app is not known. */
export const planDelivery = (delivery: Delivery, retentionDays: RetentionDays | undefined): PlannedDelivery => {
  const rejectWhole = (violation: Violation): PlannedDelivery => ({
    delivery,
    events: [planRejection(delivery, violation, delivery.payload)],
  });
  if (delivery.app === undefined) {
    return rejectWhole({
      reason: "unknown_topic",
      message: "This topic belongs to no app, or to a client whose id has a slash in it.",
      field: "topic",
    });
  }
  if (retentionDays === undefined) {
    return rejectWhole({ reason: "unknown_app", message: `There is no app ${delivery.app}.`, field: "app" });
  }
  const decoded = decode(delivery.payload);
  if (!decoded.ok) return rejectWhole(decoded.violation);
  if (decoded.value.events.length > MAX_BATCH_EVENTS) {
    return rejectWhole({
      reason: "too_many_events",
      message: `The payload has ${decoded.value.events.length} events; ${MAX_BATCH_EVENTS} is the most.`,
      field: "events",
      limit: MAX_BATCH_EVENTS,
    });
  }
  const { batchId } = decoded.value;
  return { delivery, batchId, events: planDecoded(delivery, delivery.app, decoded.value, retentionDays) };
};
