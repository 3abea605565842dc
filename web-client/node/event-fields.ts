/**
 * The fields of an event that a log record of another library contains.
 */
import { EVENT_FIELDS } from "./create-logger.ts";
import type { Attributes } from "#contract/wire/attributes.ts";

const TRACE_ID = /^[\da-f]{32}$/;
const SPAN_ID = /^[\da-f]{16}$/;

const toIsoTime = (time: unknown): string | undefined => {
  const date = new Date(typeof time === "string" || typeof time === "number" ? time : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
};

/** A copy of the attributes in which `time`, and the ids that OpenTelemetry adds, are marked as fields of the event. */
export const withEventFields = (
  { trace_id: traceId, span_id: spanId, trace_flags: traceFlags, ...attributes }: Attributes,
  time: unknown,
): Attributes => {
  const isTrace = typeof traceId === "string" && TRACE_ID.test(traceId);
  const isSpan = typeof spanId === "string" && SPAN_ID.test(spanId);
  return {
    ...attributes,
    ...(isTrace || traceId === undefined ? {} : { trace_id: traceId }),
    ...(isSpan || spanId === undefined ? {} : { span_id: spanId }),
    ...(isTrace || traceFlags === undefined ? {} : { trace_flags: traceFlags }),
    [EVENT_FIELDS]: {
      ...(toIsoTime(time) === undefined ? {} : { time: toIsoTime(time) }),
      ...(isTrace ? { traceId } : {}),
      ...(isSpan ? { spanId } : {}),
    },
  };
};
