/**
 * The trace and span ids of a line: its members, or entries of the map of the thread's context, in which
 * loggers for Java put them.
 */
import { isObject } from "#contract/wire/json-object.ts";
import { asSpanId, asTraceId } from "./field-map.ts";

/** Names that loggers of several formats use for the fields of trace contexts. */
export const TRACE_ID_KEYS = ["trace_id", "traceId", "trace.id", "traceid", "@tr"] as const;
export const SPAN_ID_KEYS = ["span_id", "spanId", "span.id", "spanid", "@sp"] as const;

/** The map of the thread's context: Logback, Quarkus and Log4j's layout for Logstash (`mdc`), and Log4j's other layouts. */
const CONTEXT_KEYS = ["mdc", "contextMap"] as const;

/** The names in structured logs of Google Cloud, and with the prefix that loki4j gives to entries of the context. */
const OTHER_TRACE_ID_KEYS = ["logging.googleapis.com/trace", "mdc_trace_id", "mdc_traceId"] as const;
const OTHER_SPAN_ID_KEYS = ["logging.googleapis.com/spanId", "mdc_span_id", "mdc_spanId"] as const;

/** Google Cloud's name of a trace. */
const TRACE_NAME = /^projects\/[^/]{1,64}\/traces\/([0-9a-fA-F]{32})$/;

type Convert = (value: unknown) => string | undefined;

const takeFrom = (members: Map<string, unknown>, keys: readonly string[], convert: Convert): string | undefined => {
  for (const key of keys) {
    const value = members.get(key);
    const id = convert(value);
    if (id === undefined) continue;
    // A name with more than the id stays an attribute.
    if (id === value) members.delete(key);
    return id;
  }
  return undefined;
};

/** Leaves the other entries of the map. */
const takeFromContext =
  (contextKey: string): typeof takeFrom =>
  (members, keys, convert) => {
    const context = members.get(contextKey);
    if (!isObject(context)) return undefined;
    const entries = new Map(Object.entries(context));
    const id = takeFrom(entries, keys, convert);
    if (id === undefined) return undefined;
    if (entries.size > 0) members.set(contextKey, Object.fromEntries(entries));
    else members.delete(contextKey);
    return id;
  };

const toTraceName: Convert = (value) =>
  asTraceId(value) ?? (typeof value === "string" ? TRACE_NAME.exec(value)?.[1] : undefined);

/** A place of a trace id and of its span id. */
interface Place {
  readonly take: typeof takeFrom;
  readonly traceKeys: readonly string[];
  readonly spanKeys: readonly string[];
  readonly toTraceId: Convert;
}

const OWN_KEYS = { traceKeys: TRACE_ID_KEYS, spanKeys: SPAN_ID_KEYS, toTraceId: asTraceId };

const PLACES: readonly Place[] = [
  { take: takeFrom, ...OWN_KEYS },
  { take: takeFrom, traceKeys: OTHER_TRACE_ID_KEYS, spanKeys: OTHER_SPAN_ID_KEYS, toTraceId: toTraceName },
  ...CONTEXT_KEYS.map((key) => ({ take: takeFromContext(key), ...OWN_KEYS })),
];

/**
 * Removes and returns the trace id and the span id. An id that cannot be converted stays. The span id has the place of the trace id: one
 * of another place can be that of another trace.
 */
export const takeTraceIds = (
  members: Map<string, unknown>,
): { readonly traceId: string | undefined; readonly spanId: string | undefined } => {
  for (const { take, traceKeys, spanKeys, toTraceId } of PLACES) {
    const traceId = take(members, traceKeys, toTraceId);
    if (traceId !== undefined) return { traceId, spanId: take(members, spanKeys, asSpanId) };
  }
  return { traceId: undefined, spanId: takeFrom(members, SPAN_ID_KEYS, asSpanId) };
};
