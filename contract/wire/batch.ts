/**
 * A batch: what describes the sender once, and its events. One MQTT message or one HTTP body carries one batch.
 */
import * as z from "zod";
import { BATCH_VERSION } from "./batch-version.ts";
import { MAX_BATCH_EVENTS } from "./limits.ts";
import { attributesSchema, logEventSchema } from "./log-event.ts";

const batchHead = {
  v: z.literal(BATCH_VERSION),
  /** UUID of this batch, given back in its receipt. */
  id: z.guid().toLowerCase().optional(),
  /** OpenTelemetry resource: what sends (service, device, os, browser). */
  resource: attributesSchema.optional(),
  /** Attributes that all events of the batch share (session, user); an event's own win. */
  attributes: attributesSchema.optional(),
};

/** A batch before its events are looked at: a bad event must not cost its neighbours. */
export const batchHeadSchema = z.strictObject({ ...batchHead, events: z.array(z.unknown()).min(1) });

/** A batch as a whole, for JSON Schema and for senders. */
export const batchSchema = z.strictObject({
  ...batchHead,
  events: z.array(logEventSchema).min(1).max(MAX_BATCH_EVENTS),
});

/** A batch as a sender writes it. */
export type BatchInput = z.input<typeof batchSchema>;

/** A batch's head, with its events still unread. */
export type BatchHead = z.output<typeof batchHeadSchema>;
