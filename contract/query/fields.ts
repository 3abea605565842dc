/**
 * The fields that people search, filter and count by: their names in the query language, and where they stand in a
 * document. A name that is not in this table is an attribute's. Pure and without zod: the console uses it as it is.
 */
import { TYPED_EVENT_FIELDS, TYPED_RESOURCE_FIELDS, type FieldTarget } from "#contract/store/log-document.ts";

/** What a field's values are, and so how they compare. */
export type FieldKind = "level" | "text" | "keyword" | "number" | "date";

/** A name of the query language. */
export interface SearchField {
  /** The name that completion offers and answers use. */
  readonly name: string;
  readonly kind: FieldKind;
  /** Paths in the document, the most telling first. A search looks into all of them, a facet counts the first. */
  readonly paths: readonly [string, ...string[]];
  /** Other names for it. */
  readonly aliases: readonly string[];
  /** Whether only this field is meant, so that an attribute of the same name is not looked into. */
  readonly isReserved: boolean;
}

type Paths = SearchField["paths"];

const reserved = (name: string, kind: FieldKind, paths: Paths, ...aliases: readonly string[]): SearchField => ({
  name,
  kind,
  paths,
  aliases,
  isReserved: true,
});

/** A short name for one or more fields of OpenTelemetry. */
const short = (name: string, kind: FieldKind, paths: Paths, ...aliases: readonly string[]): SearchField => ({
  name,
  kind,
  paths,
  aliases,
  isReserved: false,
});

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
  short("type", "keyword", ["exception.type"], "error.type"),
  short("method", "keyword", ["http.request.method"], "http.method"),
  short("status", "number", ["http.response.status_code"], "http.status_code"),
  short("path", "keyword", ["url.path"]),
  short("url", "keyword", ["url.full", "url.path"]),
  short("duration", "number", ["duration.ms"]),
];

const toKind = ({ type }: FieldTarget): FieldKind => (type === "long" || type === "double" ? "number" : type);

/** `resource.service.name` is found as `service.name` and under its path. */
const fromTable = (table: Readonly<Record<string, FieldTarget>>): readonly SearchField[] =>
  Object.entries(table).map(([name, target]) => {
    const path = target.path.join(".");
    return { name, kind: toKind(target), paths: [path], aliases: path === name ? [] : [path], isReserved: true };
  });

/** All fields with a name of their own, the most used first. */
export const SEARCH_FIELDS: readonly SearchField[] = [
  ...CORE_FIELDS,
  ...fromTable(TYPED_EVENT_FIELDS),
  ...fromTable(TYPED_RESOURCE_FIELDS),
];

const BY_NAME: ReadonlyMap<string, SearchField> = new Map(
  SEARCH_FIELDS.flatMap((field) => [field.name, ...field.aliases].map((name) => [name, field] as const)),
);

/** The field of this name or alias; `undefined` for the name of an attribute. */
export const findField = (name: string): SearchField | undefined => BY_NAME.get(name);

const ATTRIBUTES_PREFIX = "attributes.";
const RESOURCE_ATTRIBUTES_PREFIX = "resource.attributes.";

/** The maps in which an attribute of this name is looked for, and its name there. */
export interface AttributePath {
  readonly maps: readonly ("attributes" | "resource.attributes")[];
  readonly name: string;
}

/** `attributes.x` and `resource.attributes.x` mean one map; any other name is looked for in both. */
export const toAttributePath = (name: string): AttributePath => {
  for (const [prefix, map] of [
    [ATTRIBUTES_PREFIX, "attributes"],
    [RESOURCE_ATTRIBUTES_PREFIX, "resource.attributes"],
  ] as const) {
    if (name.startsWith(prefix) && name.length > prefix.length) return { maps: [map], name: name.slice(prefix.length) };
  }
  return { maps: ["attributes", "resource.attributes"], name };
};

/** Walks a tree whose keys may hold dots themselves, as attributes do: `{"a.b":{"c":1}}` has `a.b.c`. */
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

/** The value of a field or attribute in a document, by any of its names. */
export const readField = (document: Readonly<Record<string, unknown>>, name: string): unknown => {
  for (const path of findField(name)?.paths ?? []) {
    const value = readPath(document, path);
    if (value !== undefined) return value;
  }
  const place = toAttributePath(name);
  for (const map of place.maps) {
    const value = readPath(document, `${map}.${place.name}`);
    if (value !== undefined) return value;
  }
  return undefined;
};
