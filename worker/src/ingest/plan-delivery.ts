/**
 * From a delivery to the documents it becomes. Pure: the same delivery always plans the same documents under the same
 * ids, which is what makes a resend harmless.
 */
import { v5 as uuidv5 } from "uuid";
import { MAX_BATCH_EVENTS, type RetentionDays } from "#contract/wire/limits.ts";
import { logsIndex, skewedLogsIndex } from "#contract/store/log-document.ts";
import type { LogEvent } from "#contract/wire/log-event.ts";
import type { Violation } from "#contract/wire/reject-reason.ts";
import { SEVERITY_NUMBERS } from "#contract/wire/severity.ts";
import { decode } from "./decode.ts";
import { resolveTimestamp, timeOfUuid } from "#contract/store/event-time.ts";
import { toGroupingKey } from "./grouping-key.ts";
import { liftAttributes, liftResource } from "#contract/store/lift-fields.ts";
import type { AppRetention, DecodedPayload, Delivery } from "./payload.ts";
import { idOf, planRejection, toReplayable } from "./plan-rejection.ts";
import type { PlannedDelivery, PlannedEvent } from "./planned.ts";
import { validateEvent } from "./validate-event.ts";
import { collectValueTerms } from "./value-terms.ts";

/** Id of an event that brings none: the same for the same delivery, or for the same batch where that has an id. */
const deriveId = (delivery: Delivery, decoded: DecodedPayload, position: number): string => {
  if (decoded.batchId !== undefined) return uuidv5(String(position), decoded.batchId);
  return decoded.events.length === 1 ? delivery.stamp : uuidv5(String(position), delivery.stamp);
};

const toEventMs = (event: LogEvent): number | undefined => {
  if (event.time === undefined) return event.id === undefined ? undefined : timeOfUuid(event.id);
  return typeof event.time === "number" ? event.time : Date.parse(event.time);
};

interface LiftedException {
  readonly type?: string;
  readonly message?: string;
  readonly stacktrace?: string;
}

/** Gives an error, and whatever names an exception, the key by which it is grouped. */
const addGroupingKey = (document: Record<string, unknown>, { severity, body }: LogEvent): void => {
  const exception = document["exception"] as LiftedException | undefined;
  if (exception === undefined && SEVERITY_NUMBERS[severity] < SEVERITY_NUMBERS.error) return;
  document["error"] = { grouping_key: toGroupingKey({ body, ...exception }) };
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
  const { userAgent } = delivery;
  const said = userAgent === undefined ? {} : { "user_agent.original": userAgent };
  const resource = liftResource(
    decoded.resource === undefined && userAgent === undefined ? undefined : { ...said, ...decoded.resource },
  );
  // The same in all documents of the batch, so it is written once.
  const resourceJson = resource === undefined ? "" : `,"resource":${JSON.stringify(resource)}`;
  const resourceTerms = collectValueTerms(resource?.["attributes"]);
  const { client, transport } = delivery;

  return decoded.events.map((raw, position) => {
    const at = { position, eventId: raw.ok ? idOf(raw.value) : undefined, batchId: decoded.batchId };
    const validated = raw.ok ? validateEvent(raw.value) : raw;
    if (!validated.ok) return planRejection(delivery, validated.violation, toReplayable(delivery, decoded, raw), at);

    const event = validated.value;
    const id = event.id ?? deriveId(delivery, decoded, position);
    const eventMs = toEventMs(event);
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
    return { kind: "log", position, eventId: event.id, creation: { index, id, source } };
  });
};

/** Plans a delivery; `retention` is that of its app, or `undefined` when the app is not known. */
export const planDelivery = (delivery: Delivery, retention: AppRetention | undefined): PlannedDelivery => {
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
  if (retention === undefined) {
    return rejectWhole({ reason: "unknown_app", message: `There is no app ${delivery.app}.`, field: "app" });
  }
  if (retention === "disabled") {
    return rejectWhole({ reason: "app_disabled", message: `The app ${delivery.app} is disabled.`, field: "app" });
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
  return {
    delivery,
    decoded: decoded.value,
    events: planDecoded(delivery, delivery.app, decoded.value, retention),
  };
};
