/**
 * Converts a message to the documents that the Worker will store for it. The rules are those of contract/PROTOCOL.md and
 * the Worker's plan-delivery.ts; tests/tail/as-stored.test.ts compares both.
 */
import { v5 as uuidv5 } from "uuid";
import { resolveTimestamp, timeOfBatch, timeOfEvent, toTimestamp } from "#contract/store/event-time.ts";
import { liftAttributes, liftResource } from "#contract/store/lift-fields.ts";
import { MAX_EXTENDED_RESOURCE_BYTES, type RetentionDays } from "#contract/wire/limits.ts";
import { SEQUENCES_PER_PAYLOAD, type LogDocument } from "#contract/store/log-document.ts";
import type { LogEvent } from "#contract/wire/log-event.ts";
import { SEVERITY_NUMBERS } from "#contract/wire/severity.ts";
import { parsePublisher } from "#contract/wire/topics.ts";
import { toTraceContext } from "#contract/wire/trace-context.ts";
import { checkEvent } from "./check-event.ts";
import { readPayload, type ReadPayload } from "./read-payload.ts";
import type { TailEvent } from "./tail-event.ts";

/** An MQTT message. */
export interface TailMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Time of arrival, in milliseconds since 1970. */
  readonly receivedAt: number;
  /** Position in the order of arrival, from 0. */
  readonly number: number;
}

/** The events of one message. */
export interface TailMessageEvents {
  readonly events: readonly TailEvent[];
  /** Whether the message contains anything that is not in `events`. It is visible once it is stored or rejected. */
  readonly isPartial: boolean;
}

const NO_EVENTS: TailMessageEvents = { events: [], isPartial: true };

const toId = (event: LogEvent, { batchId }: ReadPayload, position: number): string | undefined =>
  event.id ?? (batchId === undefined ? undefined : uuidv5(String(position), batchId));

/** Whether the Worker copies the resource for an event with attributes that belong to it. */
const isExtensible = (resource: unknown): boolean =>
  resource === undefined ||
  new TextEncoder().encode(`,"resource":${JSON.stringify(resource)}`).byteLength <= MAX_EXTENDED_RESOURCE_BYTES;

const convert = async (
  { topic, payload, receivedAt, number }: TailMessage,
  retentionOf: (app: string) => RetentionDays | undefined,
): Promise<TailMessageEvents> => {
  const publisher = parsePublisher(topic);
  if (publisher?.kind !== "client") return NO_EVENTS;
  const { app, client } = publisher;
  const retention = retentionOf(app);
  const batch = retention === undefined ? undefined : await readPayload(payload);
  if (retention === undefined || batch === undefined) return NO_EVENTS;

  const observedTimestamp = new Date(receivedAt).toISOString();
  const resource = liftResource(batch.resource);
  const mayExtend = isExtensible(resource);
  const trace = toTraceContext(batch.attributes?.["traceparent"]);
  const ids = new Set<string>();
  const events = batch.events.flatMap((value, position): readonly TailEvent[] => {
    const checked = checkEvent(value);
    if (checked === undefined) return [];
    const { event, nanos, claimedId } = checked;
    const id = toId(event, batch, position);
    // The Worker may replace the id of the second event.
    if (event.id !== undefined && ids.has(event.id)) return [];
    if (event.id !== undefined) ids.add(event.id);
    const changes = [...new Set([...(batch.changes ?? []), ...checked.changes])];
    const ownMs = timeOfEvent(event);
    const eventMs = ownMs ?? timeOfBatch(event.id, batch.batchId);
    const { timestampMs, claimedMs } = resolveTimestamp(eventMs, receivedAt, retention);
    const { severity, body, traceId = trace?.traceId } = event;
    const spanId = event.spanId ?? (event.traceId === undefined ? trace?.spanId : undefined);
    const document: LogDocument & Record<string, unknown> = {
      "@timestamp": toTimestamp(timestampMs, claimedMs === undefined ? nanos : 0),
      observedTimestamp,
      severity: { text: severity, number: SEVERITY_NUMBERS[severity] },
      body,
      log: { record: { uid: id ?? "" } },
      edgelog: {
        app,
        client,
        transport: "mqtt",
        dialect: batch.dialect,
        ...(claimedMs !== undefined && { claimedTime: toTimestamp(claimedMs, nanos) }),
        ...(claimedId !== undefined && { claimedId }),
        ...(claimedMs === undefined && nanos > 0 && { nanos }),
        ...(changes.length > 0 && { changes }),
        sequence: number * SEQUENCES_PER_PAYLOAD + position,
        ...(ownMs !== undefined && claimedMs === undefined && { lagMs: receivedAt - timestampMs }),
      },
      ...(traceId !== undefined && { traceId }),
      ...(spanId !== undefined && { spanId }),
      ...(resource !== undefined && { resource }),
    };
    liftAttributes(document, batch.attributes, event.attributes, resource, mayExtend);
    return [{ id, app, client, receivedAt, document }];
  });
  return { events, isPartial: events.length < batch.events.length };
};

/**
 * Never rejects.
 *
 * @param retentionOf Returns the retention of an app's logs, or `undefined` if the reader may not read the app.
 */
export const toTailEvents = (
  message: TailMessage,
  retentionOf: (app: string) => RetentionDays | undefined,
): Promise<TailMessageEvents> =>
  // uuid throws on a batch id with an invalid version or variant. The Worker rejects such a message as `internal`.
  convert(message, retentionOf).catch(() => NO_EVENTS);
