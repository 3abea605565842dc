/**
 * Decompresses a payload, selects its decoder by its shape and decodes it. A payload that matches no known shape is
 * rejected. Never throws: every byte sequence gives events or a violation.
 */
import {
  findDialect,
  isGzip,
  recognizePayload,
  type DialectOf,
  type JsonObject,
  type ListedItem,
  type ManyEventsDialect,
  type RecognizedPayload,
} from "#contract/wire/dialect.ts";
import { JSON_LINE_FORMATS, type JsonLineDialect } from "#contract/wire/json-line-formats.ts";
import { isObject } from "#contract/wire/json-object.ts";
import { parseJson } from "#contract/check/parse-json.ts";
import { findLineFormat } from "#contract/wire/line-formats.ts";
import { decodeAccess } from "./decoders/access.ts";
import { decodeBatch } from "./decoders/batch.ts";
import { decodeCri, withNested } from "./decoders/cri.ts";
import { decodeEcs } from "./decoders/ecs.ts";
import { decodeBulk } from "./decoders/elasticsearch.ts";
import { decodeEvent } from "./decoders/event.ts";
import { decodeFlutterJson } from "./decoders/flutter-json.ts";
import { decodeFlutterText } from "./decoders/flutter-text.ts";
import { decodeIntake } from "./decoders/intakes.ts";
import { decodeJsonLine } from "./decoders/json-line.ts";
import { decodeLogfmt } from "./decoders/logfmt.ts";
import { decodeOtlp } from "./decoders/otlp.ts";
import { withRepairs } from "./decoders/repaired.ts";
import { decodeSyslog } from "./decoders/syslog.ts";
import { decodeSyslogBsd } from "./decoders/syslog-bsd.ts";
import { decodeText } from "./decoders/text.ts";
import type { DecodedPayload, Delivery, RawEvent } from "./delivery.ts";
import { repairPayload } from "./repair-payload.ts";
import { gunzip } from "./gunzip.ts";
import { ok, type Result } from "./result.ts";
import { validateEvent } from "./validate-event.ts";

/** One decoder for each row of `DIALECTS` whose payload is a JSON object with one event. */
const OBJECT_DECODERS: Readonly<
  Record<Exclude<DialectOf<"object">, ManyEventsDialect | JsonLineDialect>, (object: JsonObject) => RawEvent>
> = {
  flutter_json: decodeFlutterJson,
  ecs: decodeEcs,
  event: decodeEvent,
};

const isJsonLine = (dialect: DialectOf<"object">): dialect is JsonLineDialect => dialect in JSON_LINE_FORMATS;

const decodeObject = (dialect: Exclude<DialectOf<"object">, ManyEventsDialect>, object: JsonObject): RawEvent => {
  if (!isJsonLine(dialect)) return withRepairs(OBJECT_DECODERS[dialect](object), object);
  const event = withRepairs(decodeJsonLine(dialect, object), object);
  const { log } = object;
  return dialect === "docker" && typeof log === "string" ? withNested(event, decodeNested(log)) : event;
};

/** The event around an object has a time, and often a level. */
const hasMessage = ({ message, msg }: JsonObject): boolean => typeof message === "string" || typeof msg === "string";

/**
 * Decodes the object in the text of another event, for example in the line of a container. `undefined` for an object that is not
 * a valid event and has no message: the text is then the body.
 */
const decodeNested = (text: string): RawEvent | undefined => {
  const json = text.trimStart().startsWith("{") ? parseJson(text) : undefined;
  const object = json?.ok === true && isObject(json.value) ? json.value : undefined;
  const dialect = object === undefined ? undefined : findDialect(object);
  if (object === undefined || dialect === "docker" || dialect === "batch" || dialect === "otlp") return undefined;
  if (dialect !== undefined && (dialect !== "event" || validateEvent(object).ok)) return decodeObject(dialect, object);
  if (!hasMessage(object)) return undefined;
  const event = decodeObject("json_line", object);
  // As a body, the text may be longer than a value of an attribute. An object that names a service may be the data of another one.
  const isLine = event.ok && event.shortened === undefined && Object.keys(event.resource ?? {}).length === 0;
  return isLine ? event : undefined;
};

/** One decoder for each row of `DIALECTS` whose payload is text. */
const TEXT_DECODERS: Readonly<Record<DialectOf<"text">, (text: string) => RawEvent>> = {
  cri: (text) => decodeCri(text, decodeNested),
  syslog: decodeSyslog,
  syslog_bsd: decodeSyslogBsd,
  access: decodeAccess,
  logfmt: decodeLogfmt,
  text: decodeText,
  flutter_text: decodeFlutterText,
};

const decodeItem = (item: ListedItem): RawEvent => {
  if (!item.ok) return item;
  switch (item.input) {
    case "text":
      return TEXT_DECODERS[item.dialect](item.text);
    case "object":
      return decodeObject(item.dialect, item.object);
    case "value":
      return { ok: true, value: item.value };
  }
};

const decodeRecognized = (payload: RecognizedPayload, app: string): Result<DecodedPayload> => {
  switch (payload.input) {
    case "text":
      return ok({ dialect: payload.dialect, events: [TEXT_DECODERS[payload.dialect](payload.text)] });
    case "object":
      if (payload.dialect === "batch") return decodeBatch(payload.object);
      if (payload.dialect === "otlp") return decodeOtlp(payload.object, app);
      return ok({ dialect: payload.dialect, events: [decodeObject(payload.dialect, payload.object)] });
    case "list":
      return ok({ dialect: "event", events: payload.items.map(decodeItem) });
  }
};

/**
 * Decodes a payload into events that are not validated yet. Accepts gzip of at most {@link MAX_MESSAGE_BYTES} bytes after
 * decompression. Text that is not valid Unicode is repaired.
 */
export const decode = (sent: Uint8Array, app = ""): Result<DecodedPayload> => {
  const uncompressed = isGzip(sent) ? gunzip(sent) : ok(sent);
  if (!uncompressed.ok) return uncompressed;
  const payload = recognizePayload(uncompressed.value);
  if (!payload.ok) return payload;
  const decoded = decodeRecognized(payload, app);
  return decoded.ok ? ok(repairPayload(decoded.value, payload.defects)) : decoded;
};

/** Decodes a line in an event of another format. `undefined` for any other text. */
const decodeLine = (text: string): RawEvent | undefined => {
  const format = findLineFormat(text.trim());
  return format === undefined ? decodeNested(text) : TEXT_DECODERS[format](text);
};

/** Decodes an object in an event of another format. `undefined` if it has no known shape. */
const decodeShape = (object: JsonObject): RawEvent | undefined => {
  const dialect = findDialect(object);
  if (dialect === undefined || dialect === "batch" || dialect === "otlp") return undefined;
  return dialect === "event" && !validateEvent(object).ok ? undefined : decodeObject(dialect, object);
};

/**
 * Decodes the payload of a delivery: as a bulk request or in the protocol of another log service if its route has received one,
 * otherwise as {@link decode}.
 */
export const decodeDelivery = (
  delivery: Pick<Delivery, "payload" | "app" | "bulk" | "intake">,
): Result<DecodedPayload> => {
  const { payload, app = "", bulk, intake } = delivery;
  if (bulk !== undefined) return decodeBulk(payload, app, bulk, decodeObject);
  if (intake !== undefined) return decodeIntake(payload, app, intake, { decodeLine, decodeShape });
  return decode(payload, app);
};
