/**
 * Datadog's log intake: `POST /api/v2/logs` and `/v1/input`. Each `ddtags` pair becomes an attribute. The message is decoded by its
 * shape.
 *
 * Source: https://docs.datadoghq.com/api/latest/logs/#send-logs
 */
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { MAX_ATTRIBUTE_COUNT } from "#contract/wire/limits.ts";
import type { RawEvent } from "../delivery.ts";
import {
  nest,
  NOT_TEXT,
  rejectUnit,
  splitEvents,
  startsLikeJson,
  toLines,
  toText,
  toUnits,
  toValueUnits,
  type IntakeContext,
  type IntakeDecoder,
} from "./intake.ts";
import { OTHER_MESSAGE_KEYS, type JsonLineFields } from "./json-line-fields.ts";
import { decodeMembers } from "./json-line.ts";

const FIELDS: JsonLineFields = {
  time: ["timestamp", "@timestamp", "date", "_timestamp"],
  level: ["status", "level", "severity", "PRIORITY"],
  // https://docs.datadoghq.com/logs/log_configuration/processors/log_status_remapper/
  scale: "syslog",
  message: ["message", "msg"],
  otherMessage: OTHER_MESSAGE_KEYS,
  exception: ["error"],
  attributes: { logger_name: "log.logger", thread_name: "thread.name" },
  resource: {
    hostname: "host.name",
    host: "host.name",
    service: "service.name",
    "ddtags.env": "deployment.environment.name",
    "ddtags.version": "service.version",
    "ddtags.service": "service.name",
    "ddtags.host": "host.name",
  },
};

/** `env:prod,version:1.2`. A tag without a colon stays in `ddtags`, and so do more tags than an event may have attributes. */
const addTags = (members: Map<string, unknown>, tags: string): void => {
  const list = tags.split(",").map((each) => each.trim());
  if (list.length > MAX_ATTRIBUTE_COUNT) {
    members.set("ddtags", tags);
    return;
  }
  const others: string[] = [];
  for (const tag of list) {
    const colon = tag.indexOf(":");
    const name = colon > 0 ? `ddtags.${tag.slice(0, colon)}` : "";
    if (name !== "" && !members.has(name)) members.set(name, tag.slice(colon + 1));
    else if (tag !== "") others.push(tag);
  }
  if (others.length > 0) members.set("ddtags", others);
};

const decodeLog = (log: JsonObject, { params, decodeLine }: IntakeContext): RawEvent => {
  const { ddtags, ...others } = { ...params, ...log } as JsonObject;
  const members = new Map<string, unknown>(Object.entries(others));
  const tags = Array.isArray(ddtags) ? ddtags.join(",") : ddtags;
  if (typeof tags === "string") addTags(members, tags);
  const message = typeof others["message"] === "string" ? others["message"] : undefined;
  const outer = decodeMembers({
    dialect: "datadog",
    fields: FIELDS,
    members,
    describe: () => JSON.stringify(log),
    raw: log,
  });
  return message === undefined ? outer : nest(outer, decodeLine(message));
};

/** The Agent checks its connection with an empty object. */
const CONNECTION_CHECK = /^\s*\{\s*\}\s*$/;

export const datadog: IntakeDecoder = {
  split: (body) => {
    const text = toText(body);
    if (text === undefined) return NOT_TEXT;
    if (CONNECTION_CHECK.test(text)) return toUnits([]);
    return startsLikeJson(text) ? toUnits(splitEvents(text)) : toValueUnits(toLines(text));
  },
  decode: (unit, context) => {
    if (typeof unit === "string") return [decodeLog({ message: unit }, context)];
    return [isObject(unit) ? decodeLog(unit, context) : rejectUnit(unit, "A log is an object with `message`.")];
  },
};
