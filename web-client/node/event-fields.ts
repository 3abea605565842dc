/**
 * The fields of an event that a log record of another library contains. They are kept outside of the attributes, because every name of an
 * attribute can come from the data that is logged.
 */
import { toTime } from "#contract/check/to-time.ts";
import type { Attributes } from "#contract/wire/attributes.ts";

const TRACE_ID = /^[\da-f]{32}$/;
const SPAN_ID = /^[\da-f]{16}$/;

interface EventFields {
  readonly time?: string;
  readonly traceId?: string;
  readonly spanId?: string;
}

const fieldsByAttributes = new WeakMap<object, EventFields>();

/** The fields of an event with these attributes, if they come from {@link withEventFields}. */
export const eventFieldsOf = (attributes: unknown): EventFields | undefined =>
  fieldsByAttributes.get(attributes as object);

/** The time of an event. `undefined` for a value that is not certainly a time, such as `30/11/2026`: its day and month, or its zone, is unknown. */
export const toEventTime = (value: unknown): string | undefined => {
  const time = toTime(value);
  return typeof time === "number" ? new Date(time).toISOString() : time;
};

/** A copy of the attributes, whose event gets this time, and the ids that OpenTelemetry adds, as fields. */
export const withEventFields = (
  { trace_id: traceId, span_id: spanId, trace_flags: traceFlags, ...attributes }: Attributes,
  time: string | undefined,
): Attributes => {
  const isTrace = typeof traceId === "string" && TRACE_ID.test(traceId);
  const isSpan = typeof spanId === "string" && SPAN_ID.test(spanId);
  const copy = {
    ...attributes,
    ...(isTrace || traceId === undefined ? {} : { trace_id: traceId }),
    ...(isSpan || spanId === undefined ? {} : { span_id: spanId }),
    ...(isTrace || traceFlags === undefined ? {} : { trace_flags: traceFlags }),
  };
  fieldsByAttributes.set(copy, {
    ...(time === undefined ? {} : { time }),
    ...(isTrace ? { traceId } : {}),
    ...(isSpan ? { spanId } : {}),
  });
  return copy;
};
