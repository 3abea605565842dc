/**
 * The event: one log record, with the fields of OpenTelemetry's LogRecord in compact JSON.
 * Guarantee: two deliveries of an event with the same `id` become one document.
 */
import * as z from "zod";
import type { Attributes } from "./attributes.ts";
import { isObject } from "./json-object.ts";
import { MAX_BODY_LENGTH, MAX_TIME_NUMBER_MS } from "./limits.ts";
import { DEFAULT_SEVERITY, SEVERITIES } from "./severity.ts";

export type { Attributes };

/** A map of OpenTelemetry attributes with dotted names, e.g. `{"http.request.method":"GET"}`. */
export const attributesSchema = z.custom<Attributes>(isObject, { error: "must be an object" }).meta({
  type: "object",
  additionalProperties: true,
  description: "OpenTelemetry attributes. At most 128 values, 8 levels deep; see PROTOCOL.md, section 6.",
});

/**
 * One event. Only `body` is required, and unknown fields are an error.
 *
 * The schema does not bound `attributes`: call `checkAttributes` on the result. The Worker rejects an invalid event with
 * one of the reasons `missing_field`, `invalid_field`, `unknown_field`, `too_long`, `too_deep` or `too_many_attributes`.
 *
 * @example
 * ```ts
 * logEventSchema.parse({
 *   id: "019ab0c0-1111-7000-8000-000000000001",
 *   time: 1_763_366_400_000,
 *   severity: "error",
 *   body: "Payment failed",
 *   attributes: { "user.id": "42", "http.response.status_code": 502 },
 *   traceId: "0af7651916cd43dd8448eb211c80319c",
 *   spanId: "b7ad6b7169203331",
 * });
 * logEventSchema.parse({ body: "Started" }); // { severity: "info", body: "Started" }
 * ```
 */
export const logEventSchema = z.strictObject({
  id: z.guid().toLowerCase().optional().meta({
    description:
      "UUID, version 7 recommended, created when the event happens. It is the document's id: a resend is stored once. Default: derived from the batch's id and the position, or from the delivery.",
    example: "019ab0c0-1111-7000-8000-000000000001",
  }),
  time: z
    .union([z.int().min(0).max(MAX_TIME_NUMBER_MS), z.iso.datetime({ offset: true })], {
      error: "must be milliseconds since 1970 or an RFC 3339 date and time",
    })
    .optional()
    .meta({
      description:
        "Time of the event: milliseconds since 1970, or RFC 3339. Default: the time in a version 7 `id`, or else the time of arrival.",
      example: "2026-11-17T08:00:00.000Z",
    }),
  severity: z.enum(SEVERITIES).default(DEFAULT_SEVERITY),
  body: z
    .string()
    .max(MAX_BODY_LENGTH)
    .meta({ description: "The message. At most 131,072 UTF-16 code units.", example: "Payment failed" }),
  attributes: attributesSchema.optional(),
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/, { error: "must be 32 lower-case hexadecimal digits" })
    .optional()
    .meta({ description: "W3C trace id: 32 lower-case hexadecimal digits." }),
  spanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/, { error: "must be 16 lower-case hexadecimal digits" })
    .optional()
    .meta({ description: "W3C span id: 16 lower-case hexadecimal digits." }),
});

/** An event after validation, with its defaults. */
export type LogEvent = z.output<typeof logEventSchema>;
