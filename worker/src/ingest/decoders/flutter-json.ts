/**
 * The ELK mode of flutter_logs: one line of ECS-like JSON. Its dotted names are literal keys, and the keys of its nested
 * objects repeat the object's name as a prefix. Fields without a mapping become attributes under their original name.
 */
import { parseJson } from "#contract/check/parse-json.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { RawEvent } from "../delivery.ts";
import { FieldMap, isEmpty, asTraceId } from "./field-map.ts";
import { severityOfName } from "#contract/wire/severity-names.ts";
import { toRawEvent } from "./to-raw-event.ts";

/** Attribute name for each flutter_logs key. */
const ATTRIBUTE_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "log.logger": "log.logger",
    "process.thread.name": "log.subtag",
    "service.name": "log.tag",
    "file.name": "log.tag",
    function: "code.function.name",
    "file.line": "code.line.number",
    "error.type": "exception.type",
    "error.message": "exception.message",
    "error.stack_trace": "exception.stacktrace",
    "user.id": "user.id",
    "user.name": "user.name",
    "user.full_name": "user.full_name",
    "user.email": "user.email",
    "organization.id": "organization.id",
    "organization.name": "organization.name",
    "organization.unitId": "organization.unit.id",
    "transaction.id": "transaction.id",
    "trace.id": "trace.id",
    "geo.location": "geo.location",
  }),
);

/** Resource attribute name for each flutter_logs key. */
const RESOURCE_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "app.id": "app.id",
    "app.name": "service.name",
    "app.version": "service.version",
    "app.language": "app.language",
    "app.environmentId": "deployment.environment.id",
    "app.environmentName": "deployment.environment.name",
    "host.hostname": "device.model.name",
    "host.id": "device.brand",
    "host.mac": "device.serial",
    "host.name": "device.name",
    "host.type": "device.manufacturer",
    "host.sdkInt": "os.api_level",
    "host.batteryPercent": "device.battery.percent",
    "user.deviceId": "device.id",
  }),
);

/** The keys of the top level that {@link decodeFlutterJson} reads itself. */
const READ_KEYS = new Set(["message", "log.level", "labels"]);

/** The nested objects of flutter_logs. */
const GROUPS = new Set(["geo", "host", "organization", "user", "app", "log.origin"]);

/** `error.type` of every error. Without a message and a stack trace there is no exception. */
const CONSTANT_ERROR_TYPE = "ERROR";

/**
 * flutter_logs sends a WARNING as DEBUG with `transaction.id` and `trace.id`, and some SEVERE as ERROR. `undefined` for an
 * unknown level.
 */
const toSeverity = (log: JsonObject): Severity | undefined => {
  const level = log["log.level"];
  if (level === "DEBUG" && "transaction.id" in log && "trace.id" in log) return "warn";
  return level === "SEVERE" ? "fatal" : severityOfName(level);
};

const parseObject = (text: unknown): JsonObject | undefined => {
  if (typeof text !== "string" || !text.trimStart().startsWith("{")) return undefined;
  const json = parseJson(text);
  return json.ok && isObject(json.value) ? json.value : undefined;
};

interface SentField {
  readonly key: string;
  /** The key with the names of the objects around it. */
  readonly path: string;
  readonly value: unknown;
}

/** Removes one level of nesting from the objects of flutter_logs: `{"user":{"user.id":"1"}}` gives `user.id`. */
const flatten = (log: JsonObject): readonly SentField[] =>
  Object.entries(log).flatMap(([key, value]): readonly SentField[] => {
    if (!GROUPS.has(key) || !isObject(value)) return READ_KEYS.has(key) ? [] : [{ key, path: key, value }];
    return Object.entries(value).map(([inner, each]) => ({ key: inner, path: `${key}.${inner}`, value: each }));
  });

/** Java formats the numbers for the language of the device, so the decimal separator can be a comma. */
const POSITION = /^\s*\{\s*"lon"\s*:\s*([+-]?\d+(?:[.,]\d+)?)\s*,\s*"lat"\s*:\s*([+-]?\d+(?:[.,]\d+)?)\s*\}\s*$/;

/** Returns whether it has added the position. 0,0 means that the device had no position. */
const addPosition = (attributes: FieldMap, value: unknown): boolean => {
  const [, lonText, latText] = typeof value === "string" ? (POSITION.exec(value) ?? []) : [];
  if (lonText === undefined || latText === undefined) return false;
  const [lon, lat] = [Number(lonText.replace(",", ".")), Number(latText.replace(",", "."))];
  if (lat === 0 && lon === 0) return true;
  attributes.add("geo.location.lat", lat);
  attributes.add("geo.location.lon", lon);
  return true;
};

/** The labels as a tree if they are a JSON object, else as the text that was sent. */
const toLabels = (labels: unknown): unknown => parseObject(labels) ?? labels;

const toValue = (name: string, value: unknown): unknown => {
  if (name === "exception.stacktrace" && Array.isArray(value)) {
    return value.map((line: unknown) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
  }
  // flutter_logs puts a space before the model.
  return name === "device.model.name" && typeof value === "string" ? value.replace(/^ /, "") : value;
};

const COPIES: ReadonlySet<string> = new Set(["message"]);

export const decodeFlutterJson = (log: JsonObject): RawEvent => {
  const attributes = new FieldMap();
  const resource = new FieldMap();
  const severity = toSeverity(log);
  const traceId = asTraceId(log["trace.id"]);
  const hasException = !isEmpty(log["error.message"]) || !isEmpty(log["error.stack_trace"]);
  if (severity === undefined) attributes.add("log.level", log["log.level"]);
  for (const { key, path, value } of flatten(log)) {
    if (key === "trace.id" && traceId !== undefined) continue;
    if (key === "geo.location" && addPosition(attributes, value)) continue;
    if (path === "log.origin.file.line" && value === 0) continue;
    if (key === "error.type" && value === CONSTANT_ERROR_TYPE && !hasException) {
      attributes.add(key, value);
      continue;
    }
    const resourceName = RESOURCE_NAMES.get(key);
    const name = resourceName ?? ATTRIBUTE_NAMES.get(key);
    if (name === undefined) attributes.keep(key, value, path);
    else (resourceName === undefined ? attributes : resource).add(name, toValue(name, value), path);
  }
  const { message, labels } = log;
  const messageTree = parseObject(message);
  if (messageTree !== undefined) attributes.add("message", messageTree);
  attributes.add("labels", toLabels(labels));
  const body = typeof message === "string" ? message : (JSON.stringify(message) ?? "");
  const event = { severity, body, attributes: attributes.map, resource: resource.map, traceId, copies: COPIES };
  return toRawEvent("flutter_json", event, log);
};
