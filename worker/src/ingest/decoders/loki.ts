/**
 * Loki's push requests, in JSON or as protobuf in snappy. Labels and structured metadata become attributes; the line is decoded by
 * its shape.
 *
 * Source: https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs
 */
import { decodeText } from "#contract/check/decode-text.ts";
import { parseJson } from "#contract/check/parse-json.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { MAX_ATTRIBUTE_COUNT, MAX_BATCH_EVENTS, MAX_MESSAGE_BYTES, MAX_SHARED_LENGTH } from "#contract/wire/limits.ts";
import type { Violation } from "#contract/wire/violation.ts";
import type { RawEvent } from "../delivery.ts";
import { NOT_A_PUSH, readPushRequest } from "../loki/push-request.ts";
import { fail, ok, type Result } from "../result.ts";
import { nest, notOfProtocol, UnitList, type IntakeContext, type IntakeDecoder } from "./intake.ts";
import { OTEL_LEVEL_KEYS, type JsonLineFields } from "./json-line-fields.ts";
import { decodeMembers } from "./json-line.ts";

const FIELDS: JsonLineFields = {
  time: [],
  level: [...OTEL_LEVEL_KEYS, "level", "severity", "detected_level", "lvl"],
  message: [],
  attributes: { logger: "log.logger" },
  resource: {
    service_name: "service.name",
    service: "service.name",
    host: "host.name",
    hostname: "host.name",
  },
};

const LABEL_LIMITS = `A stream has at most ${MAX_ATTRIBUTE_COUNT} labels, with ${MAX_SHARED_LENGTH} characters in total.`;

/**
 * A stream becomes units within the limits of one payload. Each unit repeats the labels, and so does each of its events. Returns the
 * violation if the request exceeds a limit.
 */
const addStream = (list: UnitList, labels: string, values: readonly unknown[]): Violation | undefined => {
  let entries: string[] = [];
  let length = 0;
  const close = (): Violation | undefined => {
    const unit = { json: `{"stream":${labels},"values":[${entries.join(",")}]}`, events: entries.length, length };
    [entries, length] = [[], 0];
    return unit.events === 0 ? undefined : list.add(unit);
  };
  for (const value of values) {
    const entry = JSON.stringify(value);
    const isFull = entries.length === MAX_BATCH_EVENTS || length + labels.length + entry.length > MAX_MESSAGE_BYTES;
    const violation = isFull ? close() : undefined;
    if (violation !== undefined) return violation;
    entries.push(entry);
    length += labels.length + entry.length;
  }
  return close();
};

const readBody = (body: Uint8Array, { encoding }: Readonly<Record<string, string>>): Result<unknown> => {
  if (encoding === "protobuf") return readPushRequest(body);
  const json = parseJson(decodeText(body)?.text ?? "");
  return ok(json.ok ? json.value : undefined);
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
    if (!request.ok) return request;
    const streams = isObject(request.value) ? request.value["streams"] : undefined;
    if (!Array.isArray(streams)) return notOfProtocol(NOT_A_PUSH);
    const list = new UnitList();
    for (const each of streams as readonly unknown[]) {
      const { stream, values } = isObject(each) ? each : {};
      if (!isObject(stream) || !Array.isArray(values)) return notOfProtocol(NOT_A_PUSH);
      const labels = JSON.stringify(stream);
      if (
        values.length > 0 &&
        (labels.length > MAX_SHARED_LENGTH || Object.keys(stream).length > MAX_ATTRIBUTE_COUNT)
      ) {
        return notOfProtocol(LABEL_LIMITS);
      }
      const violation = addStream(list, labels, values);
      if (violation !== undefined) return fail(violation);
    }
    return ok(list.units);
  },
  decode: (unit, context) => {
    const { stream, values } = isObject(unit) ? unit : {};
    const labels = isObject(stream) ? stream : {};
    return Array.isArray(values) ? values.map((entry) => decodeEntry(labels, entry, context)) : [];
  },
};
