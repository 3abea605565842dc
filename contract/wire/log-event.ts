/**
 * One log event on the wire: OpenTelemetry's LogRecord in compact JSON.
 * Guarantee: two deliveries of an event with the same `id` become one document.
 */
import * as z from "zod";
import { MAX_BODY_LENGTH, MAX_TIME_MS } from "./limits.ts";
import { DEFAULT_SEVERITY, SEVERITIES } from "./severity.ts";

/** Attribute values are JSON. Their size and depth are bounded by `checkAttributes`, which walks them once. */
export type Attributes = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Attributes =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A map of OpenTelemetry attributes with dotted names, e.g. `{"http.request.method":"GET"}`. */
export const attributesSchema = z
  .custom<Attributes>(isObject, { error: "Invalid input: expected an object of attributes" })
  .meta({ type: "object", additionalProperties: true, description: "OpenTelemetry attributes; bounds in PROTOCOL.md" });

export const logEventSchema = z.strictObject({
  /** UUID, best version 7, made when the event happened. Decides the document, so a resend does no harm. */
  id: z.guid().toLowerCase().optional(),
  /** When it happened: milliseconds since 1970 or RFC 3339. Absent: the time in a version 7 `id`, else of arrival. */
  time: z.union([z.int().min(0).max(MAX_TIME_MS), z.iso.datetime({ offset: true })]).optional(),
  severity: z.enum(SEVERITIES).default(DEFAULT_SEVERITY),
  /** The message, for people. */
  body: z.string().max(MAX_BODY_LENGTH),
  attributes: attributesSchema.optional(),
  /** W3C trace context: 32 hex digits. */
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  /** W3C trace context: 16 hex digits. */
  spanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
});

/** An event as a sender writes it. */
export type LogEventInput = z.input<typeof logEventSchema>;

/** An event as the Worker has it after validation. */
export type LogEvent = z.output<typeof logEventSchema>;
