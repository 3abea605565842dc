/**
 * Decodes the body of an Elasticsearch bulk request. Each document is decoded as the dialect of its shape; a document of
 * another shape becomes an event with all of its fields. The name of its index becomes the attribute `log.type`.
 */
import { createHash } from "node:crypto";
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { decodeText } from "#contract/check/decode-text.ts";
import { isUsableId } from "#contract/check/normalize-event.ts";
import { parseJson } from "#contract/check/parse-json.ts";
import { mayHaveLoneSurrogates } from "#contract/check/repair-text.ts";
import { findDialect, type DialectOf, type ManyEventsDialect } from "#contract/wire/dialect.ts";
import { findRenamedFormat } from "#contract/wire/json-line-formats.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import type { BulkOptions, DecodedPayload, RawEvent } from "../delivery.ts";
import { readActions, type BulkAction } from "../elasticsearch/read-actions.ts";
import { repairPayload } from "../repair-payload.ts";
import { fail, ok, type Result } from "../result.ts";
import { uuidFromText } from "../uuid-from-text.ts";
import { hasIdOrTime } from "./has-id-or-time.ts";
import { OTHER_MESSAGE_KEYS } from "./json-line-fields.ts";
import { decodeJsonLine } from "./json-line.ts";
import { withRepairs } from "./repaired.ts";

/** Constant random UUIDs: namespaces of the version 5 UUIDs of documents with an `_id`, and of requests. */
const DOCUMENT_NAMESPACE = "5f0b8f5e-6a5d-4c1e-9b0c-2f6f0c1d7a34";
const CONTENT_NAMESPACE = "c2a7d1e0-94b3-4b5e-8a51-7d3c0e9f6b12";

const LOG_TYPE = "log.type";

/** The members of an event, see log-event.ts. */
const EVENT_KEYS = new Set(["id", "time", "severity", "body", "traceId", "spanId", "attributes"]);

const MESSAGE_KEYS = ["message", "msg", ...OTHER_MESSAGE_KEYS] as const;

/** A date or a number at the end of an index name: `app-2026.11.29`, `app-2026-11`, `app-20261129`, `app-000001`. */
const INDEX_SUFFIX = /[-_.](?:\d{4}[-_.]\d{1,2}(?:[-_.]\d{1,2}){0,2}|\d{6,10})$/;

/** The name of an index without its date. */
export const toLogType = (index: string): string => {
  const type = index.replace(INDEX_SUFFIX, "");
  return type === "" ? index : type;
};

const hasOwnType = (source: JsonObject): boolean =>
  LOG_TYPE in source || (isObject(source["log"]) && "type" in source["log"]);

/** A document of another shape. Its message is its text, or the document as JSON. */
const decodeOther = (source: JsonObject, typed: JsonObject): RawEvent => {
  const key = MESSAGE_KEYS.find((each) => typeof source[each] === "string");
  if (key === undefined) return decodeJsonLine("json_line", typed, JSON.stringify(source));
  const { [key]: message, ...rest } = typed;
  return decodeJsonLine("json_line", rest, String(message));
};

const isEvent = (source: JsonObject): boolean =>
  typeof source["body"] === "string" && Object.keys(source).every((key) => EVENT_KEYS.has(key));

/** An event of edgelog's format. Its type is left out if it would be one attribute too many. */
const decodeOwn = (source: JsonObject, type: string | undefined): RawEvent => {
  const attributes = source["attributes"] ?? {};
  if (type === undefined || !isObject(attributes) || LOG_TYPE in attributes) return { ok: true, value: source };
  const typed = { ...attributes, [LOG_TYPE]: type };
  const isWithinLimits = checkAttributes(typed, "attributes") === undefined;
  return { ok: true, value: isWithinLimits ? { ...source, attributes: typed } : source };
};

/** Decodes a document of a dialect with one event. */
export type DecodeObject = (dialect: Exclude<DialectOf<"object">, ManyEventsDialect>, object: JsonObject) => RawEvent;

const decodeSource = (source: JsonObject, type: string | undefined, decodeObject: DecodeObject): RawEvent => {
  const dialect = findDialect(source);
  if (dialect === "event" && isEvent(source)) return decodeOwn(source, type);
  const typed = type === undefined || hasOwnType(source) ? source : { ...source, [LOG_TYPE]: type };
  const isOther = dialect === undefined || dialect === "event" || dialect === "batch" || dialect === "otlp";
  const isWithoutMessage =
    dialect === "json_line" && !("message" in source) && !("msg" in source) && findRenamedFormat(source) === undefined;
  return isOther || isWithoutMessage ? decodeOther(source, typed) : decodeObject(dialect, typed);
};

const toId = ({ id, index }: BulkAction, app: string): string | undefined => {
  if (id === undefined) return undefined;
  if (isUsableId(id)) return id;
  return uuidFromText(JSON.stringify([app, index === undefined ? "" : toLogType(index), id]), DOCUMENT_NAMESPACE);
};

const decodeAction = (action: BulkAction, app: string, decodeObject: DecodeObject): RawEvent => {
  const { index, source = "", violation, raw } = action;
  if (violation !== undefined) return { ok: false, violation, raw };
  const json = parseJson(source);
  if (!json.ok || !isObject(json.value)) {
    const other = json.ok ? undefined : json.violation;
    const message = "The document is not a JSON object.";
    return { ok: false, violation: other ?? { reason: "invalid_json", message }, raw: source };
  }
  const type = index === undefined ? undefined : toLogType(index);
  const event = withRepairs(decodeSource(json.value, type, decodeObject), json.value);
  if (!event.ok) return event;
  const id = toId(action, app);
  const value = id === undefined ? event.value : { ...(event.value as JsonObject), id };
  return { dialect: "event", ...event, value, raw: json.value };
};

/**
 * Decodes a bulk request. The id of an event is `_id` if that is a UUID; otherwise a UUID derived from the app, the index
 * without its date, and `_id`. Documents without `_id` have ids that are derived from the content of the request if each of
 * them has a time, so that the same request sent again is stored once.
 */
export const decodeBulk = (
  payload: Uint8Array,
  app: string,
  { index, part = 0 }: BulkOptions,
  decodeObject: DecodeObject,
): Result<DecodedPayload> => {
  const decoded = decodeText(payload);
  if (decoded === undefined) return fail({ reason: "not_utf8", message: "The body is not UTF-8 text." });
  const { text, isLossy } = decoded;
  const events = readActions(text, index).map((action) => decodeAction(action, app, decodeObject));
  if (events.length === 0) return fail({ reason: "empty_payload", message: "The request has no actions." });
  const content = events.every(hasIdOrTime) ? createHash("sha256").update(text).digest("hex") : undefined;
  return ok(
    repairPayload(
      {
        dialect: "event",
        ...(content === undefined
          ? {}
          : { contentId: uuidFromText(`${index ?? ""} ${part} ${content}`, CONTENT_NAMESPACE) }),
        events,
      },
      { isLossy, mayHaveLoneSurrogates: mayHaveLoneSurrogates(text) },
    ),
  );
};
