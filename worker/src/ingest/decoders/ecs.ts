/**
 * Elastic Common Schema (ECS), as the ECS loggers of Elastic and the structured logs of Spring Boot write it. A name can be
 * dotted, nested, or both: `{"log.level":"WARN"}` and `{"log":{"level":"WARN"}}` are the same. Fields without a mapping become
 * attributes under their own name.
 *
 * Source: https://www.elastic.co/docs/reference/ecs/logging/intro
 */
import { ExactNumber } from "#contract/check/exact-number.ts";
import { MAX_ATTRIBUTE_KEY_LENGTH } from "#contract/wire/limits.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import type { RawEvent } from "../delivery.ts";
import { FreeNames } from "#contract/check/free-names.ts";
import { FieldMap, asSpanId, asTraceId } from "./field-map.ts";
import { severityOfName, syslogSeverity } from "#contract/wire/severity-names.ts";
import type { Severity } from "#contract/wire/severity.ts";
import { toRawEvent } from "./to-raw-event.ts";
import { takeTraceIds } from "./trace-ids.ts";
import { toTime } from "#contract/check/to-time.ts";

/** Attribute name for each ECS name. */
const ATTRIBUTE_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "process.thread.name": "thread.name",
    "log.origin.file.name": "code.file.path",
    "log.origin.file.line": "code.line.number",
    "log.origin.function": "code.function.name",
    "error.type": "exception.type",
    "error.message": "exception.message",
    "error.stack_trace": "exception.stacktrace",
  }),
);

/** Resource attribute name for each ECS name. */
const RESOURCE_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "service.environment": "deployment.environment.name",
    "service.node.name": "service.instance.id",
    "user_agent.original": "user_agent.original",
  }),
);

/** Field sets that describe the sender: their fields belong to the resource. */
const RESOURCE_SETS = new Set(["service", "host"]);

/** Field sets whose objects are read as dotted names. */
const FIELD_SETS = new Set([
  "log",
  "error",
  "service",
  "host",
  "process",
  "trace",
  "transaction",
  "span",
  "ecs",
  "user",
  "url",
  "http",
  "user_agent",
  "event",
]);

const addFlat = (flat: Map<string, unknown>, names: FreeNames, name: string, value: unknown): void => {
  if (!isObject(value) || name.length > MAX_ATTRIBUTE_KEY_LENGTH) {
    // A name is taken if it is sent both dotted and nested.
    flat.set(
      names.find(name, (each) => flat.has(each)),
      value,
    );
    return;
  }
  for (const [key, child] of Object.entries(value)) addFlat(flat, names, `${name}.${key}`, child);
};

const flatten = (log: JsonObject): ReadonlyMap<string, unknown> => {
  const entries = Object.entries(log);
  const isNested = ([key, value]: readonly [string, unknown]): boolean => FIELD_SETS.has(key) && isObject(value);
  const flat = new Map(entries.filter((entry) => !isNested(entry)));
  const names = new FreeNames();
  for (const [key, value] of entries.filter(isNested)) addFlat(flat, names, key, value);
  return flat;
};

/** The fields that are not attributes. A value that cannot be used stays in the map. */
const takeFrom = <T>(
  flat: Map<string, unknown>,
  name: string,
  convert: (value: unknown) => T | undefined,
): T | undefined => {
  const value = convert(flat.get(name));
  if (value !== undefined) flat.delete(name);
  return value;
};

const toText = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined;
  if (value instanceof ExactNumber) return value.digits;
  return typeof value === "string" ? value : JSON.stringify(value);
};

/** The severity of a log of syslog or of the journal, for example of Filebeat. A priority may include the facility. */
const severityOfSyslog = (flat: ReadonlyMap<string, unknown>): Severity | undefined => {
  const code = flat.get("log.syslog.severity.code") ?? flat.get("log.syslog.priority");
  const isCode = typeof code === "number" || (typeof code === "string" && /^\d{1,3}$/.test(code));
  return (
    severityOfName(flat.get("log.syslog.severity.name")) ?? (isCode ? syslogSeverity(Number(code) % 8) : undefined)
  );
};

export const decodeEcs = (log: JsonObject): RawEvent => {
  const flat = new Map(flatten(log));
  const message = takeFrom(flat, "message", toText);
  const severity = severityOfName(flat.get("log.level")) ?? severityOfSyslog(flat);
  // A level with another name than ours stays an attribute, so that it is stored as it was sent.
  if (severity !== undefined && String(flat.get("log.level")).toLowerCase() === severity) flat.delete("log.level");
  const time = takeFrom(flat, "@timestamp", toTime);
  const ownTraceId = takeFrom(flat, "trace.id", asTraceId);
  const ownSpanId = takeFrom(flat, "span.id", asSpanId);
  // ECS loggers put the context of the thread at the top, with the names that OpenTelemetry and Micrometer use.
  const { traceId, spanId } =
    ownTraceId === undefined && ownSpanId === undefined
      ? takeTraceIds(flat)
      : { traceId: ownTraceId, spanId: ownSpanId };
  const attributes = new FieldMap();
  const resource = new FieldMap();
  for (const [name, value] of flat) {
    const isResource = RESOURCE_NAMES.has(name) || RESOURCE_SETS.has(name.slice(0, Math.max(name.indexOf("."), 0)));
    const ownName = isResource ? RESOURCE_NAMES.get(name) : ATTRIBUTE_NAMES.get(name);
    const target = isResource ? resource : attributes;
    if (ownName === undefined) target.keep(name, value);
    else target.add(ownName, name === "error.stack_trace" && Array.isArray(value) ? value.join("\n") : value, name);
  }
  const body = message ?? toText(flat.get("error.message")) ?? "";
  return toRawEvent(
    "ecs",
    { severity, time, traceId, spanId, body, attributes: attributes.map, resource: resource.map },
    log,
  );
};
