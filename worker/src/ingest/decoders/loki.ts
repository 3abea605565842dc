/**
 * Loki's push requests, in JSON or as protobuf in snappy. Labels and structured metadata become attributes; the line is decoded by
 * its shape.
 *
 * Source: https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs
 */
import { decodeText } from "#contract/check/decode-text.ts";
import { parseJson } from "#contract/check/parse-json.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { MAX_BATCH_EVENTS, MAX_SHARED_LENGTH } from "#contract/wire/limits.ts";
import type { RawEvent } from "../delivery.ts";
import { readPushRequest } from "../loki/push-request.ts";
import { ok } from "../result.ts";
import { nest, notOfProtocol, TOO_MANY_EVENTS, UnitList, type IntakeContext, type IntakeDecoder } from "./intake.ts";
import type { JsonLineFields } from "./json-line-fields.ts";
import { decodeMembers } from "./json-line.ts";

const FIELDS: JsonLineFields = {
  time: [],
  level: ["level", "severity", "detected_level", "lvl"],
  message: [],
  attributes: { logger: "log.logger" },
  resource: {
    service_name: "service.name",
    service: "service.name",
    host: "host.name",
    hostname: "host.name",
  },
};

const NOT_A_PUSH = "The body is not a push request: `streams` with `stream` and `values`.";

/** A stream has at most {@link MAX_BATCH_EVENTS} entries in each unit, which repeats the labels. */
const addStream = (list: UnitList, stream: unknown, values: readonly unknown[]): boolean => {
  for (let start = 0; start < values.length; start += MAX_BATCH_EVENTS) {
    const chunk = values.slice(start, start + MAX_BATCH_EVENTS);
    if (!list.add({ json: JSON.stringify({ stream, values: chunk }), events: chunk.length })) return false;
  }
  return true;
};

const readBody = (body: Uint8Array, { encoding }: Readonly<Record<string, string>>): unknown => {
  if (encoding === "protobuf") return readPushRequest(body);
  const json = parseJson(decodeText(body)?.text ?? "");
  return json.ok ? json.value : undefined;
};

const decodeEntry = (labels: JsonObject, entry: unknown, { decodeLine }: IntakeContext): RawEvent => {
  const [timestamp, line, metadata] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
  if (typeof line !== "string") {
    const message = "An entry of `values` has a time in nanoseconds and a line.";
    return {
      ok: false,
      violation: { reason: "invalid_field", message, field: "values" },
      raw: { stream: labels, entry },
    };
  }
  const members = new Map<string, unknown>(Object.entries(labels));
  if (isObject(metadata)) {
    for (const [key, value] of Object.entries(metadata)) members.set(members.has(key) ? `metadata.${key}` : key, value);
  }
  members.set("\u0000time", timestamp);
  const outer = decodeMembers({
    dialect: "loki",
    fields: { ...FIELDS, time: ["\u0000time"] },
    members,
    message: line,
    raw: { stream: labels, values: [entry] },
  });
  return nest(outer, decodeLine(line));
};

export const loki: IntakeDecoder = {
  split: (body, params) => {
    const request = readBody(body, params);
    const streams = isObject(request) ? request["streams"] : undefined;
    if (!Array.isArray(streams)) return notOfProtocol(NOT_A_PUSH);
    const list = new UnitList();
    for (const each of streams as readonly unknown[]) {
      const { stream, values } = isObject(each) ? each : {};
      if (!isObject(stream) || !Array.isArray(values)) return notOfProtocol(NOT_A_PUSH);
      if (values.length > 0 && JSON.stringify(stream).length > MAX_SHARED_LENGTH) {
        return notOfProtocol(`The labels of a stream have at most ${MAX_SHARED_LENGTH} characters.`);
      }
      if (!addStream(list, stream, values)) return TOO_MANY_EVENTS;
    }
    return ok(list.units);
  },
  decode: (unit, context) => {
    const { stream, values } = isObject(unit) ? unit : {};
    const labels = isObject(stream) ? stream : {};
    return Array.isArray(values) ? values.map((entry) => decodeEntry(labels, entry, context)) : [];
  },
};
