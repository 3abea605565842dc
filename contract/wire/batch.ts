/**
 * The batch: events that are sent together, and the fields that they share. One MQTT message or one HTTP body contains
 * one batch.
 */
import * as z from "zod";
import { BATCH_VERSION } from "./batch-version.ts";
import { MAX_BATCH_EVENTS } from "./limits.ts";
import { attributesSchema, logEventSchema } from "./log-event.ts";

const batchHead = {
  v: z.literal(BATCH_VERSION).meta({ description: "Version of the batch format." }),
  id: z.guid().toLowerCase().optional().meta({
    description: "UUID of the batch. The receipt repeats it. Events without an id get one derived from it.",
    example: "019ab0c0-0000-7000-8000-000000000000",
  }),
  resource: attributesSchema.optional().meta({
    description:
      "OpenTelemetry resource: the service, device, operating system or browser that sends the batch. Keys and strings together: at most 16,384 UTF-16 code units.",
    example: { "service.name": "shop", "service.version": "2.1.0" },
  }),
  attributes: attributesSchema.optional().meta({
    description:
      "Attributes of all events of the batch, such as session and user. An event's own attributes take precedence. Keys and strings together: at most 16,384 UTF-16 code units.",
    example: { "session.id": "s-1" },
  }),
};

/** A batch whose events are not validated. The Worker validates them one by one and rejects only the invalid ones. */
export const batchHeadSchema = z.strictObject({ ...batchHead, events: z.array(z.unknown()).min(1) });

/**
 * A batch with 1 to {@link MAX_BATCH_EVENTS} valid events. `v` and `events` are required, and unknown fields are an error.
 *
 * An invalid event is rejected alone. An invalid field outside of `events` rejects the whole batch with one of the
 * reasons `unsupported_version`, `missing_field`, `invalid_field`, `unknown_field`, `too_long`, `too_deep`,
 * `too_many_attributes` or `too_many_events`.
 *
 * @example
 * ```ts
 * batchSchema.parse({
 *   v: 1,
 *   id: "019ab0c0-0000-7000-8000-000000000000",
 *   resource: { "service.name": "shop", "service.version": "2.1.0" },
 *   attributes: { "session.id": "s-1" },
 *   events: [{ body: "Cart opened" }, { severity: "error", body: "Payment failed" }],
 * });
 * ```
 */
export const batchSchema = z.strictObject({
  ...batchHead,
  events: z.array(logEventSchema).min(1).max(MAX_BATCH_EVENTS),
});

/** A batch after validation of all fields except its events. */
export type BatchHead = z.output<typeof batchHeadSchema>;
