/**
 * The JSON lines of common loggers. The tables in json-line-fields.ts have the position of each field.
 */
import { Buffer } from "node:buffer";
import { ExactNumber } from "#contract/check/exact-number.ts";
import type { Dialect } from "#contract/wire/dialect.ts";
import { findRenamedFormat, type JsonLineDialect } from "#contract/wire/json-line-formats.ts";
import { SEVERITY_NUMBERS, severityOfNumber, type Severity } from "#contract/wire/severity.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import type { RawEvent } from "../delivery.ts";
import { addException } from "./exception.ts";
import { FieldMap, isEmpty } from "./field-map.ts";
import {
  DOUBTFUL_TIME_KEYS,
  JSON_LINE_FIELDS,
  SCALE_OF_KEY,
  type JsonLineFields,
  type LevelScale,
} from "./json-line-fields.ts";
import { toGelfMembers } from "./gelf.ts";
import { javaMessageOf, renderJavaMessage, toJavaMembers, toNanoTime } from "./java-lines.ts";
import { withLoggerKeys } from "./logger-keys.ts";
import { toLoguruMembers } from "./loguru.ts";
import { pinoSeverity, severityOfName, syslogSeverity } from "#contract/wire/severity-names.ts";
import { toJsonLineFields } from "./renamed-keys.ts";
import { toRawEvent } from "./to-raw-event.ts";
import { SPAN_ID_KEYS, takeTraceIds, TRACE_ID_KEYS } from "./trace-ids.ts";
import { toTime } from "#contract/check/to-time.ts";

const toSeverity = (level: unknown, scale: LevelScale | undefined): Severity | undefined => {
  const number = typeof level === "string" && /^\d+$/.test(level) ? Number(level) : level;
  if (typeof number !== "number") return severityOfName(level);
  if (scale === "pino") return pinoSeverity(number);
  if (scale === "otel") return severityOfNumber(number);
  return scale === "syslog" ? syslogSeverity(number) : undefined;
};

const toText = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined;
  if (value instanceof ExactNumber) return value.digits;
  return typeof value === "string" ? value : JSON.stringify(value);
};

/** The text in a list of bytes, in which journald writes a message that is not printable text. */
const fromBytes = (value: unknown): string | undefined =>
  Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256)
    ? Buffer.from(value).toString("utf8")
    : undefined;

/** Log4j's `instant`, or any other time. */
const toLineTime = (value: unknown): number | string | undefined => {
  if (!isObject(value)) return toTime(value);
  return toNanoTime(value["epochSecond"], value["nanoOfSecond"]);
};

/** A value in a template, or a doubled brace. */
const HOLE = /\{\{|\}\}|\{[@$]?([A-Za-z0-9_]+)(?:,-?\d+)?(:[^{}]*)?\}/g;

/** A rendered message is at most this many times as long as its template and the values in it. */
const MAX_RENDERED_RATIO = 8;

/**
 * CLEF: replaces each `{Name}` in a message template with its value. A template that repeats a long value keeps the name where the
 * message would be too long: a small compressed payload could otherwise become gigabytes. `@r` lists the texts of the values with a
 * format, such as `{Count:000}`, in their order.
 */
const renderTemplate = (template: string, line: JsonObject): string => {
  const texts = new Map<string, string | undefined>();
  let left = MAX_RENDERED_RATIO * template.length;
  const renderings = Array.isArray(line["@r"]) ? line["@r"].values() : [].values();
  return template.replaceAll(HOLE, (hole, name?: string, format?: string) => {
    if (name === undefined) return hole.slice(1);
    const rendering: unknown = format === undefined ? undefined : renderings.next().value;
    if (typeof rendering === "string") return rendering;
    if (!texts.has(name)) {
      const value = Object.hasOwn(line, name) ? toText(line[name]) : undefined;
      texts.set(name, value);
      left += MAX_RENDERED_RATIO * (value?.length ?? 0);
    }
    const text = texts.get(name);
    if (text === undefined || text.length > left) return hole;
    left -= text.length;
    return text;
  });
};

const addPosition = (attributes: FieldMap, key: string, value: unknown): void => {
  const [, file, line] = typeof value === "string" ? (/^(.+):(\d+)$/.exec(value) ?? []) : [];
  if (file !== undefined) {
    attributes.add("code.file.path", file, key);
    attributes.add("code.line.number", Number(line), key);
    return;
  }
  if (!isObject(value)) {
    attributes.keep(key, value);
    return;
  }
  const names: Readonly<Record<string, string>> = {
    function: "code.function.name",
    method: "code.function.name",
    file: "code.file.path",
    line: "code.line.number",
  };
  for (const [own, each] of Object.entries(value)) {
    const name = Object.hasOwn(names, own) ? names[own] : undefined;
    if (name === undefined) attributes.keep(`${key}.${own}`, each);
    else attributes.add(name, each, `${key}.${own}`);
  }
};

/** Removes and returns the first value that `convert` accepts. */
const take = <T>(
  rest: Map<string, unknown>,
  keys: readonly string[],
  convert: (value: unknown) => T | undefined,
): T | undefined => {
  for (const key of keys) {
    const value = rest.has(key) ? convert(rest.get(key)) : undefined;
    if (value === undefined) continue;
    rest.delete(key);
    return value;
  }
  return undefined;
};

interface TakenTime {
  readonly time?: number | string;
  readonly doubtfulTime?: { readonly key: string; readonly value: unknown };
}

/** Removes the time. */
const takeTime = (rest: Map<string, unknown>, keys: readonly string[]): TakenTime => {
  for (const key of keys) {
    const value = rest.get(key);
    const time = toLineTime(value);
    if (time === undefined) continue;
    rest.delete(key);
    return DOUBTFUL_TIME_KEYS.has(key) ? { time, doubtfulTime: { key, value } } : { time };
  }
  return {};
};

const ownName = (names: Readonly<Record<string, string>> | undefined, key: string): string | undefined =>
  names !== undefined && Object.hasOwn(names, key) ? names[key] : undefined;

/** Whether a severity has all of a level: its own name, or a number, except one inside of a range of OpenTelemetry. */
const isSameLevel = (sent: unknown, severity: Severity | undefined, scale: LevelScale | undefined): boolean => {
  const text = String(sent);
  if (!/^\d+$/.test(text)) return text.toLowerCase() === severity;
  return scale !== "otel" || (severity !== undefined && Number(text) === SEVERITY_NUMBERS[severity]);
};

/** Removes the level. A name other than ours stays an attribute. */
const takeSeverity = (rest: Map<string, unknown>, { level, scale }: JsonLineFields): Severity | undefined => {
  for (const key of level) {
    const keyScale = Object.hasOwn(SCALE_OF_KEY, key) ? SCALE_OF_KEY[key] : scale;
    const sent = rest.get(key);
    const severity = toSeverity(sent, keyScale);
    if (severity === undefined) continue;
    if (isSameLevel(sent, severity, keyScale)) rest.delete(key);
    return severity;
  }
  return undefined;
};

const addField = (
  { attributes, resource }: { readonly attributes: FieldMap; readonly resource: FieldMap },
  fields: JsonLineFields,
  key: string,
  value: unknown,
): void => {
  const resourceName = typeof value === "string" ? ownName(fields.resource, key) : undefined;
  const name = ownName(fields.attributes, key);
  const isNumber = typeof value === "number" || value instanceof ExactNumber;
  const attributeName = isNumber && name === "thread.name" ? "thread.id" : name;
  if (resourceName !== undefined) resource.add(resourceName, value, key);
  else if (fields.exception?.includes(key) === true && !isEmpty(value)) addException(attributes, key, value);
  else if (fields.error?.includes(key) === true && typeof value === "string")
    attributes.add("exception.message", value, key);
  else if (fields.error?.includes(key) === true && isObject(value)) addException(attributes, key, value);
  else if (fields.position?.includes(key) === true) addPosition(attributes, key, value);
  else if (attributeName !== undefined && !isObject(value)) attributes.add(attributeName, value, key);
  else attributes.keep(key, value);
};

/** Whether a field of this name has a meaning wherever it is. */
const hasMeaning = (key: string, { exception, error, resource }: JsonLineFields): boolean =>
  [...TRACE_ID_KEYS, ...SPAN_ID_KEYS, ...(exception ?? []), ...(error ?? [])].includes(key) ||
  ownName(resource, key) !== undefined;

/**
 * winston-elasticsearch nests the fields of an event. Those with a meaning become members of the line if their names are not taken; the
 * others stay `fields.{name}`.
 */
const liftNestedFields = (line: JsonObject, nested: JsonObject): Map<string, unknown> => {
  const members = new Map(Object.entries(line));
  const isLifted = (key: string): boolean => !Object.hasOwn(line, key) && hasMeaning(key, JSON_LINE_FIELDS.json_line);
  const rest = Object.entries(nested).filter(([key]) => !isLifted(key));
  for (const [key, value] of Object.entries(nested)) if (isLifted(key)) members.set(key, value);
  members.set("fields", Object.fromEntries(rest));
  return members;
};

/** tracing and winston's `format.logstash()` nest the fields of an event: one whose name is taken is `{key}.{name}`. */
const raiseNestedFields = (line: JsonObject, key: string): Map<string, unknown> => {
  const { [key]: nested, ...others } = line;
  if (!isObject(nested)) return new Map(Object.entries(line));
  const members = new FieldMap();
  for (const [own, value] of Object.entries(others)) members.keep(own, value);
  for (const [own, value] of Object.entries(nested)) members.keep(own, value, `${key}.${own}`);
  return new Map(Object.entries(members.map));
};

/** The members of a line. */
const toMembers = (dialect: JsonLineDialect, line: JsonObject): Map<string, unknown> => {
  if (dialect === "loguru") return toLoguruMembers(line);
  const { fields } = line;
  if (dialect === "tracing") return raiseNestedFields(line, "fields");
  if (dialect === "json_line" && findRenamedFormat(line) === "at" && "@fields" in line)
    return raiseNestedFields(line, "@fields");
  const isNested = dialect === "json_line" && "@timestamp" in line && "severity" in line;
  if (isNested && isObject(fields)) return liftNestedFields(line, fields);
  if (dialect === "json_line") return toJavaMembers(line);
  return dialect === "gelf" ? toGelfMembers(line) : new Map(Object.entries(line));
};

const toBody = (dialect: JsonLineDialect, line: JsonObject, message: string | undefined): string | undefined => {
  if (dialect === "clef" && !("@m" in line) && message !== undefined) return renderTemplate(message, line);
  if (dialect === "json_line") return renderJavaMessage(line, message);
  return dialect === "docker" ? message?.replace(/\r?\n$/, "") : message;
};

/** The members of an object, and what they mean. */
export interface DecodedMembers {
  readonly dialect: Dialect;
  readonly fields: JsonLineFields;
  /** Members that have a meaning are removed. */
  readonly members: Map<string, unknown>;
  /** The message, if it is not a member. */
  readonly message?: string | undefined;
  /** Makes the body of the message. Default: the message, or that of the exception. */
  readonly toBody?: (message: string | undefined) => string | undefined;
  /** Makes the body of an event without a message. Default: it is empty. */
  readonly describe?: () => string;
  /** The original value or text. */
  readonly raw: unknown;
}

const isTree = (value: unknown): boolean => isObject(value) || Array.isArray(value);
const toPlainText = (value: unknown): string | undefined => (isTree(value) ? undefined : toText(value));
const asText = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** Removes and returns the message. A message that is an object or a list stays a member, too. */
const takeMessage = (
  members: Map<string, unknown>,
  { message, otherMessage = [], hasByteMessage = false }: JsonLineFields,
): string | undefined =>
  (hasByteMessage ? take(members, message, fromBytes) : undefined) ??
  take(members, message, toPlainText) ??
  take(members, otherMessage, asText) ??
  toText(message.map((key) => members.get(key)).find(isTree));

/** The formats of loggers that may write a line without a message, such as `logger.info({ order })`. Its body is the line. */
const HAS_LINES_WITHOUT_MESSAGE: ReadonlySet<JsonLineDialect> = new Set(["pino", "json_line"]);

/** structlog writes the place of the call as `stack`, before the stack trace of its `exception`. */
const moveToEnd = (members: Map<string, unknown>, key: string): void => {
  if (!members.has(key)) return;
  const value = members.get(key);
  members.delete(key);
  members.set(key, value);
};

/** The members, those first whose keys have precedence. */
const inOrder = (members: ReadonlyMap<string, unknown>, { first = [] }: JsonLineFields): ReadonlyMap<string, unknown> =>
  new Map([...first.flatMap((key) => (members.has(key) ? [[key, members.get(key)] as const] : [])), ...members]);

/** Makes an event of members by a table of their meanings. A member without a meaning stays an attribute under its own name. */
export const decodeMembers = ({
  dialect,
  fields,
  members,
  message: ownMessage,
  toBody: renderBody = (text) => text,
  describe = () => "",
  raw,
}: DecodedMembers): RawEvent => {
  const message = ownMessage ?? takeMessage(members, fields);
  const severity = takeSeverity(members, fields);
  const { time, ...doubtful } = takeTime(members, fields.time);
  const { traceId, spanId } = takeTraceIds(members);
  const maps = { attributes: new FieldMap(), resource: new FieldMap() };
  moveToEnd(members, "stack");
  for (const [key, value] of inOrder(members, fields)) addField(maps, fields, key, value);
  const { map: attributes } = maps.attributes;
  const body = renderBody(message) ?? toText(attributes["exception.message"]) ?? describe();
  const decoded = { severity, time, traceId, spanId, body, attributes, resource: maps.resource.map };
  return { ...toRawEvent(dialect, decoded, raw), ...doubtful };
};

/**
 * Decodes a line of one of the formats in {@link JSON_LINE_FIELDS}.
 *
 * @param message The message, if it is not a member of the line.
 */
export const decodeJsonLine = (dialect: JsonLineDialect, line: JsonObject, message?: string): RawEvent => {
  const members = toMembers(dialect, line);
  return decodeMembers({
    dialect,
    fields: withLoggerKeys(
      dialect,
      dialect === "json_line" ? toJsonLineFields(line) : JSON_LINE_FIELDS[dialect],
      members,
    ),
    members,
    message: message ?? (dialect === "json_line" ? javaMessageOf(line) : undefined),
    toBody: (text) => toBody(dialect, line, text),
    ...(HAS_LINES_WITHOUT_MESSAGE.has(dialect) ? { describe: () => JSON.stringify(line) } : {}),
    raw: line,
  });
};
