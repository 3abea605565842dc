/**
 * Amazon Data Firehose with an HTTP endpoint: records in base64. A record has lines of text or JSON, or the gzipped log events of a
 * CloudWatch Logs subscription, whose ids identify them.
 *
 * Sources: https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html,
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { decodeText } from "#contract/check/decode-text.ts";
import { parseJson } from "#contract/check/parse-json.ts";
import { isGzip } from "#contract/wire/dialect.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { MAX_ATTRIBUTE_COUNT } from "#contract/wire/limits.ts";
import type { Violation } from "#contract/wire/violation.ts";
import type { RawEvent } from "../delivery.ts";
import { fail, ok } from "../result.ts";
import { uuidFromText } from "../uuid-from-text.ts";
import { nest, notOfProtocol, toLines, UnitList, withId, type IntakeContext, type IntakeDecoder } from "./intake.ts";
import { FieldMap } from "./field-map.ts";
import { toRawEvent } from "./to-raw-event.ts";
import { toTime } from "#contract/check/to-time.ts";

/** A constant random UUID: the namespace of the version 5 UUIDs of log events. */
const LOG_EVENT_NAMESPACE = "7d3f2a94-0b5f-4c69-9f0a-5a0d5d7c1e20";

/** Maximum size of the records of one request after decompression. */
const MAX_RECORDS_BYTES = 8_388_608;

const TOO_LARGE: Violation = {
  reason: "too_large",
  message: `The records of a request have at most ${MAX_RECORDS_BYTES} bytes after decompression. Use a smaller buffer size.`,
  limit: MAX_RECORDS_BYTES,
};

const NOT_FIREHOSE = "The body has no `records` with `data` in base64.";

/** Records of a request that are decompressed although an earlier one was not valid gzip, whose bytes took time but are not counted. */
const MAX_BROKEN_RECORDS = 8;

/** Reads the records of one request. */
class RecordReader {
  #bytesLeft = MAX_RECORDS_BYTES;
  #broken = 0;

  /** `undefined` if the records are too large. A record that is not valid gzip stays as it is. */
  read(data: string): Uint8Array | undefined {
    const bytes = this.#decompress(Buffer.from(data, "base64"));
    this.#bytesLeft -= bytes?.byteLength ?? 0;
    return this.#bytesLeft < 0 ? undefined : bytes;
  }

  #decompress(bytes: Uint8Array): Uint8Array | undefined {
    if (!isGzip(bytes) || this.#broken === MAX_BROKEN_RECORDS) return bytes;
    try {
      return gunzipSync(bytes, { maxOutputLength: Math.max(1, this.#bytesLeft) });
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      this.#broken += 1;
      return bytes;
    }
  }
}

/** The log events of a subscription, and where they are from. */
interface Subscription {
  readonly logEvents: readonly unknown[];
  readonly source: JsonObject;
}

/** `undefined` if the record is another text. */
const readSubscription = (text: string): Subscription | undefined => {
  if (!text.includes('"messageType"')) return undefined;
  const json = parseJson(text.trim());
  if (!json.ok || !isObject(json.value) || typeof json.value["messageType"] !== "string") return undefined;
  const { messageType, logEvents, logGroup, logStream, owner } = json.value;
  // A control message tests whether the stream can be reached.
  if (messageType !== "DATA_MESSAGE") return { logEvents: [], source: {} };
  return Array.isArray(logEvents) ? { logEvents, source: { logGroup, logStream, owner } } : undefined;
};

const addRecord = (list: UnitList, text: string): Violation | undefined => {
  const subscription = readSubscription(text);
  if (subscription === undefined) return list.addEach(toLines(text), (line) => JSON.stringify({ line }));
  const { logEvents, source } = subscription;
  return list.addEach(logEvents, (logEvent) => JSON.stringify({ logEvent, ...source }));
};

const readCommonAttributes = (text: string | undefined): JsonObject => {
  const json = text === undefined ? undefined : parseJson(text);
  const value = json?.ok === true && isObject(json.value) ? json.value["commonAttributes"] : undefined;
  if (!isObject(value)) return {};
  return Object.keys(value).length > MAX_ATTRIBUTE_COUNT ? { commonAttributes: JSON.stringify(value) } : value;
};

const decodeUnit = (unit: JsonObject, { app, params, decodeLine }: IntakeContext): RawEvent => {
  const { line, logEvent, logGroup, logStream, owner } = unit;
  const { id, timestamp, message } = isObject(logEvent) ? logEvent : {};
  const body = typeof message === "string" ? message : typeof line === "string" ? line : JSON.stringify(unit);
  const [attributes, resource] = [new FieldMap(), new FieldMap()];
  for (const [key, value] of Object.entries(readCommonAttributes(params["attributes"]))) attributes.keep(key, value);
  attributes.add("aws.log.group.name", logGroup);
  attributes.add("aws.log.stream.name", logStream);
  resource.add("cloud.account.id", owner);
  const text = body.replace(/\r?\n$/, "");
  const time = toTime(timestamp);
  if (time === undefined) attributes.add("timestamp", timestamp);
  const fields = { severity: undefined, time, body: text, attributes: attributes.map, resource: resource.map };
  const event = nest(toRawEvent("firehose", fields, unit), decodeLine(text));
  if (!event.ok || typeof id !== "string" || id === "") return event;
  return withId(event, uuidFromText(JSON.stringify([app, logGroup, logStream, id]), LOG_EVENT_NAMESPACE));
};

export const firehose: IntakeDecoder = {
  split: (body) => {
    const json = parseJson(decodeText(body)?.text ?? "");
    const records = json.ok && isObject(json.value) ? json.value["records"] : undefined;
    if (!Array.isArray(records)) return notOfProtocol(NOT_FIREHOSE);
    const list = new UnitList();
    const reader = new RecordReader();
    for (const record of records as readonly unknown[]) {
      const data = isObject(record) ? record["data"] : undefined;
      if (typeof data !== "string") return notOfProtocol(NOT_FIREHOSE);
      const bytes = reader.read(data);
      if (bytes === undefined) return fail(TOO_LARGE);
      // Data that is not base64 is stored as it is.
      const text = bytes.byteLength === 0 ? data : (decodeText(bytes)?.text ?? data);
      const violation = addRecord(list, text);
      if (violation !== undefined) return fail(violation);
    }
    return ok(list.units);
  },
  decode: (unit, context) => [decodeUnit(isObject(unit) ? unit : {}, context)],
};
