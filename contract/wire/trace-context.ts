/** W3C Trace Context, level 1. */

export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
}

/** Section 3.2: `{version}-{trace-id}-{parent-id}-{trace-flags}`. The version ff is invalid, and so are ids of zeros. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-[0-9a-f]{2}$/;

/** Parses a `traceparent`. Returns `undefined` if the value is not a valid one. */
export const toTraceContext = (traceparent: unknown): TraceContext | undefined => {
  const [, traceId, spanId] = typeof traceparent === "string" ? (TRACEPARENT.exec(traceparent) ?? []) : [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
};
