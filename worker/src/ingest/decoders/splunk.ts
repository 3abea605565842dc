/**
 * Splunk's HTTP Event Collector: objects with `event` and its metadata, or lines of text (`/raw`). An event is decoded by its shape;
 * an object of another shape has all of its members as attributes.
 *
 * Source: https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector
 */
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import type { RawEvent } from "../delivery.ts";
import {
  nest,
  NOT_TEXT,
  rejectUnit,
  splitJsonBody,
  toLines,
  toText,
  toValueUnits,
  type IntakeContext,
  type IntakeDecoder,
} from "./intake.ts";
import { JSON_LINE_FIELDS, OTEL_LEVEL_KEYS, type JsonLineFields } from "./json-line-fields.ts";
import { decodeMembers } from "./json-line.ts";

const FIELDS: JsonLineFields = {
  time: ["time"],
  level: ["severity", "level", "loglevel", ...OTEL_LEVEL_KEYS],
  message: [],
  attributes: { source: "splunk.source", sourcetype: "splunk.sourcetype", index: "splunk.index" },
  resource: { host: "host.name", "service.name": "service.name", service: "service.name" },
};

const EVENT_FIELDS: JsonLineFields = {
  ...JSON_LINE_FIELDS.json_line,
  level: [...JSON_LINE_FIELDS.json_line.level, "status"],
  message: ["message", "msg", "line", "log", "text"],
};

/** An object of another shape. */
const decodeOther = (event: JsonObject): RawEvent => {
  const members = new Map<string, unknown>(Object.entries(event));
  const hasText = EVENT_FIELDS.message.some((key) => typeof event[key] === "string");
  const message = hasText ? undefined : JSON.stringify(event);
  return decodeMembers({ dialect: "splunk", fields: EVENT_FIELDS, members, message, raw: event });
};

/** The fields that Docker's log driver puts around a line. They keep their names. */
const DOCKER_FIELDS: JsonLineFields = { time: [], level: [], message: ["line"] };

/** An event of Docker's log driver: `source` is a stream. */
const isDockerEvent = (event: JsonObject): boolean =>
  "line" in event && (event["source"] === "stdout" || event["source"] === "stderr");

/** The line is a text, or with `splunk-format=json` the JSON value in it. */
const decodeDockerEvent = (event: JsonObject, { decodeLine, decodeShape }: IntakeContext): RawEvent => {
  const { line, ...others } = event;
  const [members, message] = isObject(line) ? [others, JSON.stringify(line)] : [event, undefined];
  const outer = decodeMembers({
    dialect: "splunk",
    fields: DOCKER_FIELDS,
    members: new Map(Object.entries(members)),
    message,
    raw: event,
  });
  if (typeof line === "string") return nest(outer, decodeLine(line));
  return isObject(line) ? nest(outer, decodeShape(line) ?? decodeOther(line)) : outer;
};

const decodeObject = (event: JsonObject, context: IntakeContext): RawEvent =>
  isDockerEvent(event) ? decodeDockerEvent(event, context) : (context.decodeShape(event) ?? decodeOther(event));

const decodeEvent = (sent: JsonObject, context: IntakeContext): RawEvent => {
  const { params, decodeLine } = context;
  const { event, fields, ...metadata } = { ...params, ...sent } as JsonObject;
  if (event === undefined || event === null || event === "") {
    const message = "An event has the member `event`, which is not empty.";
    return { ok: false, violation: { reason: "missing_field", message, field: "event" }, raw: sent };
  }
  const members = new Map<string, unknown>(Object.entries(metadata));
  if (isObject(fields)) {
    for (const [key, value] of Object.entries(fields)) members.set(members.has(key) ? `fields.${key}` : key, value);
  }
  const text = typeof event === "string" ? event : JSON.stringify(event);
  const outer = decodeMembers({ dialect: "splunk", fields: FIELDS, members, message: text, raw: sent });
  if (typeof event === "string") return nest(outer, decodeLine(event));
  return isObject(event) ? nest(outer, decodeObject(event, context)) : outer;
};

export const splunk: IntakeDecoder = {
  split: (body) => splitJsonBody(body, "The body is not a list of JSON objects with `event`."),
  decode: (unit, context) => [
    isObject(unit) ? decodeEvent(unit, context) : rejectUnit(unit, "An event is an object with `event`."),
  ],
};

/** Lines of text. The frames of a stack trace belong to the line before. */
export const splunkRaw: IntakeDecoder = {
  split: (body) => {
    const text = toText(body);
    if (text === undefined) return NOT_TEXT;
    return toValueUnits(toLines(text));
  },
  decode: (unit, context) => [decodeEvent({ event: String(unit) }, context)],
};
