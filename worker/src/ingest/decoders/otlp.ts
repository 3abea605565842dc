/**
 * An OTLP `ExportLogsServiceRequest` as JSON. Fields of the data model have the same meaning in an event; the others become
 * attributes: `otel.scope.*`, `event.name`, `log.record.dropped_attributes_count`, `log.level` (a `severityText` with another
 * name than ours), `log.record.severity_number` (a number inside a range).
 *
 * Sources: https://opentelemetry.io/docs/specs/otel/logs/data-model/ and https://opentelemetry.io/docs/specs/otlp/
 */
import { createHash } from "node:crypto";
import { ExactNumber, toExactNumber } from "#contract/check/exact-number.ts";
import { isUsableId } from "#contract/check/normalize-event.ts";
import { SEVERITY_NUMBERS, severityOfNumber, type Severity } from "#contract/wire/severity.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { MAX_BATCH_EVENTS, MAX_PAYLOAD_DOCUMENT_BYTES } from "#contract/wire/limits.ts";
import { tooManyEvents } from "#contract/wire/too-many-events.ts";
import type { DecodedPayload, RawEvent } from "../delivery.ts";
import { countRecords } from "../otlp/split-request.ts";
import { fail, ok, type Result } from "../result.ts";
import { toTooLarge } from "../too-large.ts";
import { uuidFromText } from "../uuid-from-text.ts";
import { addException } from "./exception.ts";
import { FieldMap } from "./field-map.ts";
import { fitAttributes, fitResource, type FittedMap } from "./fit-event.ts";
import { severityOfName } from "#contract/wire/severity-names.ts";
import { toRawEvent } from "./to-raw-event.ts";

/** Constant random UUIDs: namespaces of the version 5 UUIDs of requests, and of records with an id that is not a UUID. */
const CONTENT_NAMESPACE = "8d0f6a52-2c37-4a53-9d0b-0f7e7c0e5a11";
const RECORD_ID_NAMESPACE = "3b1c9d44-6a0e-4f0f-8f43-6d2a1b7c9e02";

const RECORD_ID = "log.record.uid";

const listOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Integers of 64 bits are strings of digits, or numbers. */
const toInteger = (value: unknown): unknown => (typeof value === "string" ? (toExactNumber(value) ?? value) : value);

/** The value of an AnyValue. `{}` is null. An object with other members is returned as it is. */
const toValue = (any: unknown): unknown => {
  if (!isObject(any)) return any ?? null;
  const [[kind, value] = ["", null]] = Object.entries(any);
  switch (kind) {
    case "":
      return null;
    case "stringValue":
    case "boolValue":
    case "doubleValue":
    case "bytesValue":
      return value;
    case "intValue":
      return toInteger(value);
    case "arrayValue":
      return isObject(value) && Array.isArray(value["values"]) ? value["values"].map(toValue) : [];
    case "kvlistValue":
      return toTree(isObject(value) ? value["values"] : undefined).map;
    default:
      return any;
  }
};

const addAll = (target: FieldMap, pairs: unknown, prefix = ""): FieldMap => {
  for (const { key, value } of listOf(pairs)) target.keep(`${prefix}${String(key)}`, toValue(value));
  return target;
};

/** Attributes that bridges of loggers such as pino fill with an object of an exception. */
const EXCEPTION_KEYS: ReadonlySet<string> = new Set(["err", "error", "exception"]);

const isException = (key: string, value: unknown): value is JsonObject =>
  EXCEPTION_KEYS.has(key) &&
  isObject(value) &&
  (typeof value["message"] === "string" || typeof value["stack"] === "string");

/** Names of OpenTelemetry before semantic conventions 1.30, which its SDKs for Java still send. */
const NEW_NAMES: ReadonlyMap<string, string> = new Map([
  ["code.filepath", "code.file.path"],
  ["code.lineno", "code.line.number"],
  ["code.function", "code.function.name"],
]);

/** The attributes of a record. Those with the names of OpenTelemetry come before those of an object of an exception. */
const toAttributes = (pairs: unknown): FieldMap => {
  const attributes = new FieldMap();
  const renamed: (readonly [key: string, name: string, value: unknown])[] = [];
  const exceptions: (readonly [key: string, value: JsonObject])[] = [];
  for (const pair of listOf(pairs)) {
    const [key, value] = [String(pair["key"]), toValue(pair["value"])];
    const name = NEW_NAMES.get(key);
    if (isException(key, value)) exceptions.push([key, value]);
    else if (name !== undefined) renamed.push([key, name, value]);
    else attributes.keep(key, value);
  }
  for (const [key, name, value] of renamed) attributes.keep(name, value, key);
  for (const [key, value] of exceptions) addException(attributes, key, value);
  return attributes;
};

const toTree = (pairs: unknown): FieldMap => addAll(new FieldMap(), pairs);

const toBody = (value: unknown): string => {
  if (value === null || value === undefined) return "";
  if (value instanceof ExactNumber) return value.digits;
  return typeof value === "string" ? value : JSON.stringify(value);
};

/** Digits of the nanoseconds since 1970. `undefined` for 0, which means unknown. */
const toNanos = (value: unknown): string | undefined => {
  const digits = value instanceof ExactNumber ? value.digits : String(value);
  return /^[1-9]\d{0,19}$/.test(digits) ? digits : undefined;
};

const timeOf = (record: JsonObject): string | undefined =>
  toNanos(record["timeUnixNano"]) ?? toNanos(record["observedTimeUnixNano"]);

/** RFC 3339 with nanoseconds. */
const toTimestamp = (nanos: string): string => {
  const seconds = nanos.length > 9 ? Number(nanos.slice(0, -9)) : 0;
  const date = new Date(seconds * 1_000);
  // A time that no calendar has is left to the validation, which names it.
  return Number.isNaN(date.getTime())
    ? nanos
    : `${date.toISOString().slice(0, -5)}.${nanos.slice(-9).padStart(9, "0")}Z`;
};

/** The id of a record: a UUID, or one derived from any other text, e.g. a ULID. */
const toId = (uid: unknown, app: string): string | undefined => {
  if (typeof uid !== "string" || uid.trim() === "") return undefined;
  return isUsableId(uid) ? uid : uuidFromText(JSON.stringify([app, uid]), RECORD_ID_NAMESPACE);
};

const addSeverity = (attributes: FieldMap, record: JsonObject): Severity | undefined => {
  const number = toInteger(record["severityNumber"]);
  const text = record["severityText"];
  const severity = severityOfNumber(number) ?? severityOfName(text);
  if (typeof text === "string" && text.toLowerCase() !== severity) attributes.add("log.level", text);
  const isRangeStart = severity !== undefined && number === SEVERITY_NUMBERS[severity];
  if (!isRangeStart && number !== 0) attributes.add("log.record.severity_number", number);
  return severity;
};

const withoutRest = ({ map, shortened }: FittedMap): FittedMap => ({
  map,
  shortened: shortened.map(({ rest: _rest, ...others }) => others),
});

/** The texts that were cut off are in the first event only. */
const afterFirst = (shared: FittedMap): FittedMap =>
  shared.shortened.some(({ rest }) => rest !== undefined) ? withoutRest(shared) : shared;

/** The fields of a scope within the limits. They are fitted once: a scope may be long, and have a thousand records. */
const toScope = (scope: unknown): FittedMap => {
  const fields = new FieldMap();
  if (isObject(scope)) {
    fields.add("otel.scope.name", scope["name"]);
    fields.add("otel.scope.version", scope["version"]);
    addAll(fields, scope["attributes"], "otel.scope.");
  }
  return fitAttributes(fields.map);
};

const decodeRecord = (record: JsonObject, scope: FittedMap, sharedResource: FittedMap, app: string): RawEvent => {
  const attributes = toAttributes(record["attributes"]);
  const id = toId(attributes.map[RECORD_ID], app);
  const nanos = timeOf(record);
  const severity = addSeverity(attributes, record);
  attributes.add("event.name", record["eventName"]);
  const droppedCount = toInteger(record["droppedAttributesCount"]);
  if (droppedCount !== 0) attributes.add("log.record.dropped_attributes_count", droppedCount);
  const flags = toInteger(record["flags"]);
  if (flags !== 0) attributes.add("trace.flags", flags);
  for (const [name, value] of Object.entries(scope.map)) attributes.keep(name, value);
  const raw = toRawEvent(
    "otlp",
    {
      severity,
      ...(nanos === undefined ? {} : { time: toTimestamp(nanos) }),
      body: toBody(toValue(record["body"])),
      attributes: attributes.map,
      sharedResource,
    },
    record,
  );
  if (!raw.ok) return raw;
  const { traceId, spanId } = record;
  // Ids are validated later, where an invalid one is left out and counted.
  const ids = { ...(id === undefined ? {} : { id }), ...(traceId ? { traceId } : {}), ...(spanId ? { spanId } : {}) };
  const shortened = [...scope.shortened, ...(raw.shortened ?? [])];
  return {
    ...raw,
    value: { ...(raw.value as JsonObject), ...ids },
    ...(shortened.length === 0 ? {} : { shortened }),
  };
};

/**
 * Decodes a request. The events of a request in which each record has a time have ids that are derived from the content of the
 * request, so that the same request sent again is stored once: an exporter repeats a request without changing it. Fails if there are too many
 * records, or if the scopes alone are larger than the documents of a payload may be.
 */
export const decodeOtlp = (request: JsonObject, app: string): Result<DecodedPayload> => {
  const recordCount = countRecords(request);
  if (recordCount > MAX_BATCH_EVENTS) return fail(tooManyEvents(recordCount));
  const events: RawEvent[] = [];
  let hasTimes = true;
  let scopesLength = 0;
  for (const resourceLogs of listOf(request["resourceLogs"] ?? request["resource_logs"])) {
    const { resource, schemaUrl } = resourceLogs;
    const fields = isObject(resource) ? toTree(resource["attributes"]) : new FieldMap();
    const droppedCount = isObject(resource) ? toInteger(resource["droppedAttributesCount"]) : undefined;
    if (droppedCount !== 0) fields.add("otel.resource.dropped_attributes_count", droppedCount);
    fields.add("otel.schema_url", schemaUrl);
    let shared = fitResource(fields.map);
    for (const scopeLogs of listOf(resourceLogs["scopeLogs"])) {
      let scope = toScope(scopeLogs["scope"]);
      const records = listOf(scopeLogs["logRecords"]);
      // Before the records are decoded: a small request with a long scope would otherwise occupy the isolate for seconds.
      scopesLength += JSON.stringify(scope.map).length * records.length;
      if (scopesLength > MAX_PAYLOAD_DOCUMENT_BYTES) return fail(toTooLarge(scopesLength));
      for (const record of records) {
        hasTimes &&= timeOf(record) !== undefined;
        events.push(decodeRecord(record, scope, shared, app));
        shared = afterFirst(shared);
        scope = afterFirst(scope);
      }
    }
  }
  const content = hasTimes ? createHash("sha256").update(JSON.stringify(request)).digest("hex") : undefined;
  return ok({
    dialect: "otlp",
    ...(content === undefined ? {} : { contentId: uuidFromText(content, CONTENT_NAMESPACE) }),
    events,
  });
};
