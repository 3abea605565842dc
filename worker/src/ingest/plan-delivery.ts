/**
 * Plans the documents for a delivery. Pure: the same delivery always gives the same documents with the same ids, so a
 * resend is deduplicated by `_id`.
 */
import { v5 as uuidv5 } from "uuid";
import { MAX_BATCH_EVENTS, type RetentionDays } from "#contract/wire/limits.ts";
import { logsIndex, skewedLogsIndex } from "#contract/store/log-document.ts";
import type { LogEvent } from "#contract/wire/log-event.ts";
import type { Violation } from "#contract/wire/violation.ts";
import { SEVERITY_NUMBERS } from "#contract/wire/severity.ts";
import { decode } from "./decode.ts";
import { resolveTimestamp, timeOfEvent, timeOfUuid } from "#contract/store/event-time.ts";
import { toGroupingKey } from "./grouping-key.ts";
import { liftAttributes, liftResource } from "#contract/store/lift-fields.ts";
import type { AppRetention, DecodedPayload, Delivery } from "./delivery.ts";
import { planRejection, readEventId, toReplayablePayload } from "./plan-rejection.ts";
import type { DeliveryPlan, PlannedEvent } from "./delivery-plan.ts";
import { validateEvent } from "./validate-event.ts";
import { collectValueTerms } from "./collect-value-terms.ts";

/** Derives an id for an event without one from its position and the batch id, or else the stamp of the delivery. */
const deriveId = (delivery: Delivery, decoded: DecodedPayload, position: number): string => {
  if (decoded.batchId !== undefined) return uuidv5(String(position), decoded.batchId);
  return decoded.events.length === 1 ? delivery.stamp : uuidv5(String(position), delivery.stamp);
};

interface LiftedException {
  readonly type?: string;
  readonly message?: string;
  readonly stacktrace?: string;
}

/** Adds the grouping key to events with severity `error` or higher, and to events with an exception. */
const addGroupingKey = (document: Record<string, unknown>, { severity, body }: LogEvent): void => {
  const exception = document["exception"] as LiftedException | undefined;
  if (exception === undefined && SEVERITY_NUMBERS[severity] < SEVERITY_NUMBERS.error) return;
  document["error"] = { grouping_key: toGroupingKey({ body, ...exception }) };
};

/** Plans one document per event of a decoded payload. */
const planDecoded = (
  delivery: Delivery,
  app: string,
  decoded: DecodedPayload,
  retentionDays: RetentionDays,
): readonly PlannedEvent[] => {
  const observedMs = timeOfUuid(delivery.stamp) ?? 0;
  const observedTimestamp = new Date(observedMs).toISOString();
  const { userAgent } = delivery;
  const requestResource = userAgent === undefined ? {} : { "user_agent.original": userAgent };
  const resource = liftResource(
    decoded.resource === undefined && userAgent === undefined ? undefined : { ...requestResource, ...decoded.resource },
  );
  // Identical in all documents of the batch, so it is serialized once.
  const resourceJson = resource === undefined ? "" : `,"resource":${JSON.stringify(resource)}`;
  const resourceTerms = collectValueTerms(resource?.["attributes"]);
  const { client, transport } = delivery;

  return decoded.events.map((raw, position) => {
    const at = { position, eventId: raw.ok ? readEventId(raw.value) : undefined, batchId: decoded.batchId };
    const validated = raw.ok ? validateEvent(raw.value) : raw;
    if (!validated.ok)
      return planRejection(delivery, validated.violation, toReplayablePayload(delivery, decoded, raw), at);

    const event = validated.value;
    const id = event.id ?? deriveId(delivery, decoded, position);
    const eventMs = timeOfEvent(event);
    const { timestampMs, claimedMs } = resolveTimestamp(eventMs, observedMs, retentionDays);
    const timestamp = new Date(timestampMs).toISOString();
    const info: Record<string, unknown> = {
      app,
      client,
      transport,
      dialect: decoded.dialect,
      claimedTime: claimedMs === undefined ? undefined : new Date(claimedMs).toISOString(),
      lagMs: eventMs === undefined || claimedMs !== undefined ? undefined : observedMs - timestampMs,
    };
    const document: Record<string, unknown> = {
      "@timestamp": timestamp,
      observedTimestamp,
      severity: { text: event.severity, number: SEVERITY_NUMBERS[event.severity] },
      body: event.body,
      log: { record: { uid: id } },
      edgelog: info,
      traceId: event.traceId ?? decoded.trace?.traceId,
      spanId: event.spanId ?? (event.traceId === undefined ? decoded.trace?.spanId : undefined),
    };
    liftAttributes(document, decoded.attributes, event.attributes);
    addGroupingKey(document, event);
    const terms = [...collectValueTerms(document["attributes"]), ...resourceTerms];
    if (terms.length > 0) info["values"] = terms;
    const index = claimedMs === undefined ? logsIndex(retentionDays, timestamp) : skewedLogsIndex(retentionDays);
    const source = `${JSON.stringify(document).slice(0, -1)}${resourceJson}}`;
    return { kind: "log", position, eventId: event.id, newDocument: { index, id, source } };
  });
};

/**
 * Plans a delivery. `retention` is that of its app, or `undefined` if the app does not exist. Never throws for invalid
 * input: an unreadable payload gives one rejected event, an invalid event gives a rejected event at its position.
 */
export const planDelivery = (delivery: Delivery, retention: AppRetention | undefined): DeliveryPlan => {
  const rejectWhole = (violation: Violation): DeliveryPlan => ({
    delivery,
    events: [planRejection(delivery, violation, delivery.payload)],
  });
  if (delivery.app === undefined) {
    return rejectWhole({
      reason: "unknown_topic",
      message: "The topic contains no valid app id, or a client id with a slash.",
      field: "topic",
    });
  }
  if (retention === undefined) {
    return rejectWhole({ reason: "unknown_app", message: `The app ${delivery.app} does not exist.`, field: "app" });
  }
  if (retention === "disabled") {
    return rejectWhole({ reason: "app_disabled", message: `The app ${delivery.app} is disabled.`, field: "app" });
  }
  if (delivery.setAside === true) {
    return rejectWhole({
      reason: "internal",
      message: "Processing this payload failed repeatedly, so it was not decoded. It can be replayed after a fix.",
    });
  }
  const decoded = decode(delivery.payload);
  if (!decoded.ok) return rejectWhole(decoded.violation);
  if (decoded.value.events.length > MAX_BATCH_EVENTS) {
    return rejectWhole({
      reason: "too_many_events",
      message: `The payload has ${decoded.value.events.length} events; the maximum is ${MAX_BATCH_EVENTS}.`,
      field: "events",
      limit: MAX_BATCH_EVENTS,
    });
  }
  return {
    delivery,
    decoded: decoded.value,
    events: planDecoded(delivery, delivery.app, decoded.value, retention),
  };
};
