/**
 * The ELK mode of flutter_logs: one line of ECS-like JSON. Its dotted names are literal keys, and the keys of its nested
 * objects repeat the object's name as a prefix. Fields without a mapping become attributes under their original name.
 */
import type { Severity } from "#contract/wire/severity.ts";
import type { Attributes } from "#contract/wire/log-event.ts";
import { checkJson } from "#contract/check/check-json.ts";
import { checkAttributes } from "#contract/check/check-attributes.ts";
import type { DecodedPayload } from "../delivery.ts";

type Json = Readonly<Record<string, unknown>>;

/** Attribute name for each flutter_logs key. */
const ATTRIBUTE_NAMES: Readonly<Record<string, string>> = {
  "log.logger": "log.logger",
  "process.thread.name": "log.subtag",
  "service.name": "log.tag",
  "file.name": "log.tag",
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
};

/** Resource attribute name for each flutter_logs key. */
const RESOURCE_NAMES: Readonly<Record<string, string>> = {
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
};

/** Keys that are mapped elsewhere or carry no information: `function` repeats the thread name, `file.line` is always 0. */
const SKIPPED_KEYS = new Set([
  "message",
  "log.level",
  "labels",
  "transaction.id",
  "trace.id",
  "geo.location",
  "function",
  "file.line",
]);

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** flutter_logs sends WARNING as DEBUG with an empty `transaction.id` and `trace.id`, and some SEVERE as ERROR. */
const toSeverity = (log: Json): Severity => {
  switch (log["log.level"]) {
    case "ERROR":
      return "error";
    case "SEVERE":
      return "fatal";
    case "WARNING":
      return "warn";
    case "DEBUG":
      return "transaction.id" in log && "trace.id" in log ? "warn" : "debug";
    default:
      return "info";
  }
};

const parseObject = (text: unknown): Json | undefined => {
  if (typeof text !== "string" || !text.trimStart().startsWith("{") || checkJson(text) !== undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** Removes one level of nesting: `{"user":{"user.id":"1"}}` gives `user.id`. */
const flatten = (log: Json): readonly (readonly [string, unknown])[] =>
  Object.entries(log).flatMap(([key, value]) => (isJson(value) ? Object.entries(value) : [[key, value] as const]));

const isEmpty = (value: unknown): boolean =>
  value === null || (typeof value === "string" && value.trim() === "") || (Array.isArray(value) && value.length === 0);

const toValue = (name: string, value: unknown): unknown => {
  if (name === "exception.stacktrace" && Array.isArray(value)) return value.map(String).join("\n");
  return typeof value === "string" ? value.trim() : value;
};

/** The position 0,0 means that the device had no position. */
const toGeo = (text: unknown): Attributes => {
  const { lat, lon } = parseObject(text) ?? {};
  return typeof lat === "number" && typeof lon === "number" && (lat !== 0 || lon !== 0)
    ? { "geo.location.lat": lat, "geo.location.lon": lon }
    : {};
};

/** Returns JSON text parsed as an attribute, if it is within the attribute limits. The caller still uses the text itself. */
const parseAsAttribute = (name: string, text: unknown): Attributes => {
  const value = parseObject(text);
  if (value === undefined || Object.keys(value).length === 0) return {};
  const tree = { [name]: value };
  return checkAttributes(tree, "attributes") === undefined ? tree : {};
};

export const decodeFlutterJson = (log: Json): DecodedPayload => {
  const attributes: Record<string, unknown> = Object.create(null);
  const resource: Record<string, unknown> = Object.create(null);
  let geo: Attributes = {};
  for (const [key, value] of flatten(log)) {
    if (key === "geo.location") geo = toGeo(value);
    if (SKIPPED_KEYS.has(key) || isEmpty(value)) continue;
    const resourceName = RESOURCE_NAMES[key];
    const name = resourceName ?? ATTRIBUTE_NAMES[key] ?? key;
    (resourceName === undefined ? attributes : resource)[name] = toValue(name, value);
  }
  const { message } = log;
  const value = {
    severity: toSeverity(log),
    body: typeof message === "string" ? message : JSON.stringify(message),
    attributes: {
      ...attributes,
      ...geo,
      ...parseAsAttribute("message", message),
      ...parseAsAttribute("labels", log["labels"]),
    },
  };
  return { dialect: "flutter_json", resource, events: [{ ok: true, value }] };
};
