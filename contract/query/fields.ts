/**
 * The fields of the query language, with their paths in the document. Any other name is the name of an attribute. Pure and
 * without zod: the console imports it.
 */
import { TYPED_EVENT_FIELDS, TYPED_RESOURCE_FIELDS, type FieldTarget } from "#contract/store/log-document.ts";

/** The types of fields. They determine which comparisons are possible. */
export const FIELD_KINDS = ["level", "text", "keyword", "number", "date", "point"] as const;

export type FieldKind = (typeof FIELD_KINDS)[number];

/** A field of the query language. */
export interface SearchField {
  /** The name in completions and responses. */
  readonly name: string;
  readonly kind: FieldKind;
  /** Paths in the document. Searches use all of them; facets count the first. */
  readonly paths: readonly [string, ...string[]];
  /** Other names of the field. */
  readonly aliases: readonly string[];
  /** Whether the name never refers to an attribute. If `false`, a search also matches an attribute of the same name. */
  readonly isReserved: boolean;
  /** Whether the values are small whole numbers, stored as text. They can be compared like numbers. */
  readonly isInteger?: boolean;
}

/** Whether the values of a field have an order, for `<`, `>` and ranges. */
export const isComparable = ({ kind, isInteger }: SearchField): boolean =>
  kind === "number" || kind === "date" || kind === "level" || isInteger === true;

type Paths = SearchField["paths"];

type CreateField = (name: string, kind: FieldKind, paths: Paths, ...aliases: readonly string[]) => SearchField;

const reserved: CreateField = (name, kind, paths, ...aliases) => ({ name, kind, paths, aliases, isReserved: true });

/** A short name for one or more OpenTelemetry fields. */
const short: CreateField = (...field) => ({ ...reserved(...field), isReserved: false });

/** The MQTT topic of a message, which is not stored: it is derived from the app and the client. */
export const TOPIC_FIELD = "topic";

const CORE_FIELDS: readonly SearchField[] = [
  reserved("level", "level", ["severity.text"], "severity", "severity.text", "log.level"),
  reserved("message", "text", ["body"], "body", "msg"),
  reserved("app", "keyword", ["edgelog.app"], "edgelog.app"),
  reserved("time", "date", ["@timestamp"], "@timestamp", "timestamp"),
  reserved("observed", "date", ["observedTimestamp"], "observedTimestamp"),
  reserved("id", "keyword", ["log.record.uid"], "log.record.uid", "event.id"),
  reserved("trace", "keyword", ["traceId"], "traceId", "trace_id", "trace.id"),
  reserved("span", "keyword", ["spanId"], "spanId", "span_id", "span.id"),
  reserved("client", "keyword", ["edgelog.client"], "edgelog.client"),
  reserved("transport", "keyword", ["edgelog.transport"], "edgelog.transport"),
  reserved("dialect", "keyword", ["edgelog.dialect"], "edgelog.dialect"),
  reserved("lag", "number", ["edgelog.lagMs"], "edgelog.lagMs"),
  reserved("shortened", "keyword", ["edgelog.shortened.field"], "edgelog.shortened", "edgelog.shortened.field"),
  short(TOPIC_FIELD, "keyword", ["edgelog.transport"], "mqtt.topic"),
  reserved("group", "keyword", ["error.grouping_key"], "error.grouping_key"),
  reserved("severity.number", "number", ["severity.number"]),
  short("user", "keyword", ["user.id", "user.name", "user.email", "user.full_name"]),
  short("session", "keyword", ["session.id"], "session_id"),
  short("organization", "keyword", ["organization.id", "organization.name"], "org"),
  short("service", "keyword", ["resource.service.name"]),
  short("version", "keyword", ["resource.service.version"]),
  short("env", "keyword", ["resource.deployment.environment.name"], "environment", "deployment.environment"),
  short("device", "keyword", [
    "resource.device.model.name",
    "resource.device.id",
    "resource.device.name",
    "resource.device.manufacturer",
    "resource.device.brand",
  ]),
  short("os", "keyword", ["resource.os.name"]),
  short("host", "keyword", ["resource.host.name"]),
  short("tag", "keyword", ["log.tag", "log.subtag"]),
  short("logger", "keyword", ["log.logger"]),
  short("exception", "text", ["exception.message", "exception.stacktrace"]),
  reserved("geo.location", "point", ["geo.location"], "geo"),
  short("type", "keyword", ["exception.type"], "error.type"),
  short("method", "keyword", ["http.request.method"], "http.method"),
  short("status", "number", ["http.response.status_code"], "http.status_code"),
  short("path", "keyword", ["url.path"]),
  short("url", "keyword", ["url.full", "url.path"]),
  short("duration", "number", ["duration.ms"]),
];

const toKind = ({ type }: FieldTarget): FieldKind => (type === "long" || type === "double" ? "number" : type);

/** `resource.service.name` has the name `service.name`, and its path as an alias. */
const fromTable = (table: Readonly<Record<string, FieldTarget>>): readonly SearchField[] =>
  Object.entries(table).map(([name, target]) => {
    const path = target.path.join(".");
    const aliases = path === name ? [] : [path];
    const isInteger = INTEGER_NAMES.has(name);
    return { name, kind: toKind(target), paths: [path], aliases, isReserved: true, ...(isInteger && { isInteger }) };
  });

/** Fields whose values are whole numbers, but are stored as text. */
const INTEGER_NAMES: ReadonlySet<string> = new Set(["os.api_level"]);

/** All fields, the most frequently used first. */
export const SEARCH_FIELDS: readonly SearchField[] = [
  ...CORE_FIELDS,
  ...fromTable(TYPED_EVENT_FIELDS),
  ...fromTable(TYPED_RESOURCE_FIELDS),
];

/**
 * Names of fields in ECS, and in the documents of the server that flutter_logs was written for. Queries accept them, and also
 * find attributes of the same name. Completions and responses use the names of {@link SEARCH_FIELDS}.
 */
export const OLD_FIELDS: readonly SearchField[] = [
  short("error.message", "text", ["exception.message"]),
  short("error.stack_trace", "text", ["exception.stacktrace"]),
  short("host.hostname", "keyword", ["resource.device.model.name", "resource.host.name"]),
  short("host.id", "keyword", ["resource.device.brand"]),
  short("host.mac", "keyword", ["resource.device.serial"]),
  short("host.type", "keyword", ["resource.device.manufacturer"]),
  { ...short("host.sdkInt", "keyword", ["resource.os.api_level"]), isInteger: true },
  short("host.batteryPercent", "number", ["resource.device.battery.percent"]),
  short("host.os.name", "keyword", ["resource.os.name"]),
  short("host.os.version", "keyword", ["resource.os.version"]),
  short("process.thread.name", "keyword", ["log.subtag", "thread.name"]),
  short("log.origin.file.name", "keyword", ["code.file.path", "log.tag"]),
  short("log.origin.function", "keyword", ["code.function.name"]),
  short("log.origin.file.line", "number", ["code.line.number"]),
  short("organization.unitId", "keyword", ["organization.unit.id"]),
  short("user.deviceId", "keyword", ["resource.device.id"]),
  short("app.name", "keyword", ["resource.service.name"]),
  short("app.version", "keyword", ["resource.service.version"]),
  short("app.environmentId", "keyword", ["resource.deployment.environment.id"]),
  short("app.environmentName", "keyword", ["resource.deployment.environment.name"], "service.environment"),
  short("url.original", "keyword", ["url.full"]),
];

const BY_NAME: ReadonlyMap<string, SearchField> = new Map(
  [...OLD_FIELDS, ...SEARCH_FIELDS].flatMap((field) =>
    [field.name, ...field.aliases].map((name) => [name, field] as const),
  ),
);

/** The field with this name or alias. `undefined` for the name of an attribute. */
export const findField = (name: string): SearchField | undefined => BY_NAME.get(name);

/** Whether a log has at most one value of the field. `false` for text, whose values are words, and for attributes, which may be lists. */
export const hasOneValue = (name = ""): boolean => {
  const field = findField(name);
  return field?.isReserved === true && field.kind !== "text" && field.name !== "shortened";
};

const ATTRIBUTES_PREFIX = "attributes.";
const RESOURCE_ATTRIBUTES_PREFIX = "resource.attributes.";

/** The maps that may contain an attribute, and its name in them. */
export interface AttributePath {
  readonly maps: readonly ("attributes" | "resource.attributes")[];
  readonly name: string;
}

/** The prefixes `attributes.` and `resource.attributes.` select one map. Any other name refers to both. */
export const toAttributePath = (name: string): AttributePath => {
  for (const [prefix, map] of [
    [ATTRIBUTES_PREFIX, "attributes"],
    [RESOURCE_ATTRIBUTES_PREFIX, "resource.attributes"],
  ] as const) {
    if (name.startsWith(prefix) && name.length > prefix.length) return { maps: [map], name: name.slice(prefix.length) };
  }
  return { maps: ["attributes", "resource.attributes"], name };
};

/** Reads a value from a tree whose keys may contain dots: `a.b.c` exists in `{"a.b":{"c":1}}`. */
const readPath = (node: unknown, path: string): unknown => {
  if (typeof node !== "object" || node === null) return undefined;
  const tree = node as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(tree, path)) return tree[path];
  for (let dot = path.indexOf("."); dot !== -1; dot = path.indexOf(".", dot + 1)) {
    const key = path.slice(0, dot);
    const value = Object.hasOwn(tree, key) ? readPath(tree[key], path.slice(dot + 1)) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
};

/** The value of a field or attribute in a document. Accepts names and aliases. */
export const readField = (document: Readonly<Record<string, unknown>>, name: string): unknown => {
  for (const path of findField(name)?.paths ?? []) {
    const value = readPath(document, path);
    if (value !== undefined) return value;
  }
  const attribute = toAttributePath(name);
  for (const map of attribute.maps) {
    const value = readPath(document, `${map}.${attribute.name}`);
    if (value !== undefined) return value;
  }
  return undefined;
};
