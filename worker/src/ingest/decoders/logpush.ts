/**
 * Cloudflare's Logpush: one JSON object on each line, with the fields of a dataset.
 *
 * Source: https://developers.cloudflare.com/logs/logpush/logpush-job/enable-destinations/http/
 */
import { parseJson } from "#contract/check/parse-json.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import type { RawEvent } from "../delivery.ts";
import {
  NOT_TEXT,
  notOfProtocol,
  rejectUnit,
  splitEvents,
  startsLikeJson,
  toText,
  toUnits,
  type IntakeDecoder,
} from "./intake.ts";
import type { JsonLineFields } from "./json-line-fields.ts";
import { decodeMembers } from "./json-line.ts";

const FIELDS: JsonLineFields = {
  time: [
    "EdgeStartTimestamp",
    "EventTimestampMs",
    "Datetime",
    "Timestamp",
    "TimestampMs",
    "RequestTimestamp",
    "EventTimestamp",
    "CreatedAt",
    "When",
  ],
  level: ["Level", "Severity"],
  message: ["Message", "message"],
  attributes: {
    ClientIP: "client.address",
    ClientRequestMethod: "http.request.method",
    ClientRequestURI: "url.original",
    ClientRequestPath: "url.path",
    ClientRequestUserAgent: "user_agent.original",
    ClientRequestReferer: "http.request.header.referer",
    EdgeResponseStatus: "http.response.status_code",
    EdgeResponseBytes: "http.response.size",
  },
  resource: { ClientRequestHost: "server.address", ScriptName: "service.name" },
};

/** The first request of a job tests the destination with an object that has `content` only. */
const isTest = (json: string): boolean => {
  const parsed = json.length < 100 ? parseJson(json) : undefined;
  return parsed?.ok === true && isObject(parsed.value) && Object.keys(parsed.value).join() === "content";
};

/** The text of a log of HTTP requests, or of an invocation of a Worker. */
const describe = (line: JsonObject): string | undefined => {
  const pick = (...names: readonly string[]): string =>
    names
      .map((name) => line[name])
      .filter((value) => typeof value === "string" || typeof value === "number")
      .join(" ");
  const text = pick("ClientRequestMethod", "ClientRequestURI", "EdgeResponseStatus") || pick("ScriptName", "Outcome");
  return text === "" ? undefined : text;
};

/** The first exception of an invocation of a Worker. */
const takeException = (members: Map<string, unknown>): JsonObject | undefined => {
  const [first, ...others] = (Array.isArray(members.get("Exceptions")) ? members.get("Exceptions") : []) as unknown[];
  if (!isObject(first)) return undefined;
  if (others.length === 0) members.delete("Exceptions");
  return first;
};

const decodeLine = (line: JsonObject): RawEvent => {
  const members = new Map<string, unknown>(Object.entries(line));
  const exception = takeException(members);
  if (exception !== undefined) {
    const { Name, Message, Stack, ...others } = exception;
    const entries = { type: Name, message: Message, stack: Stack, ...others };
    members.set("Exception", entries);
    if (!members.has("Level")) members.set("Level", "error");
  }
  const hasMessage = FIELDS.message.some((key) => typeof line[key] === "string");
  const message = hasMessage ? undefined : (describe(line) ?? JSON.stringify(line));
  const fields = { ...FIELDS, exception: ["Exception"] };
  return decodeMembers({ dialect: "logpush", fields, members, message, raw: line });
};

export const logpush: IntakeDecoder = {
  split: (body) => {
    const text = toText(body);
    if (text === undefined) return NOT_TEXT;
    if (text.trim() !== "" && !startsLikeJson(text)) return notOfProtocol("The body is not a list of JSON objects.");
    return toUnits(splitEvents(text).filter((json) => !isTest(json)));
  },
  decode: (unit) => [isObject(unit) ? decodeLine(unit) : rejectUnit(unit, "A log of Logpush is an object.")],
};
