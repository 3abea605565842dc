/**
 * Vercel's log drains: a JSON array or one object on each line. `id` identifies a log.
 *
 * Source: https://vercel.com/docs/drains/reference/logs
 */
import { isUsableId } from "#contract/check/normalize-event.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { MAX_RELAY_EVENTS } from "#contract/wire/limits.ts";
import type { RawEvent } from "../delivery.ts";
import { ok } from "../result.ts";
import { uuidFromText } from "../uuid-from-text.ts";
import {
  nest,
  NOT_TEXT,
  notOfProtocol,
  TOO_MANY_EVENTS,
  toText,
  UnitList,
  type IntakeContext,
  type IntakeDecoder,
} from "./intake.ts";
import type { JsonLineFields } from "./json-line-fields.ts";
import { decodeMembers } from "./json-line.ts";
import { splitJsonValues } from "./json-values.ts";

/** A constant random UUID: the namespace of the version 5 UUIDs of logs. */
const LOG_NAMESPACE = "b1a9f0de-6c37-4a1e-8e43-1f1f9d0d3c55";

const FIELDS: JsonLineFields = {
  time: ["timestamp"],
  level: ["level"],
  message: ["message"],
  attributes: {
    source: "vercel.source",
    statusCode: "http.response.status_code",
    path: "url.path",
    requestId: "http.request.id",
  },
  resource: {
    projectName: "service.name",
    host: "server.address",
    environment: "deployment.environment.name",
    executionRegion: "cloud.region",
  },
};

/** A log of a request has no message. */
const toRequestLine = ({ proxy }: JsonObject): string | undefined => {
  if (!isObject(proxy)) return undefined;
  const { method, host, path, statusCode } = proxy;
  return [method, `${typeof host === "string" ? host : ""}${typeof path === "string" ? path : ""}`, statusCode]
    .filter((each) => each !== undefined && each !== "")
    .join(" ");
};

const decodeLog = (log: JsonObject, { app, decodeLine }: IntakeContext): RawEvent => {
  const { id, ...others } = log;
  const members = new Map<string, unknown>(Object.entries(others));
  const text = typeof others["message"] === "string" && others["message"] !== "" ? others["message"] : undefined;
  const message = text === undefined ? toRequestLine(log) : undefined;
  const outer = decodeMembers({ dialect: "vercel", fields: FIELDS, members, message, raw: log });
  const event = text === undefined ? outer : nest(outer, decodeLine(text));
  if (!event.ok || typeof id !== "string" || id === "") return event;
  const uid = isUsableId(id) ? id : uuidFromText(JSON.stringify([app, id]), LOG_NAMESPACE);
  return { ...event, value: { ...(event.value as JsonObject), id: uid } };
};

export const vercel: IntakeDecoder = {
  split: (body) => {
    const text = toText(body);
    if (text === undefined) return NOT_TEXT;
    if (!/^\s*[[{]/.test(text)) return notOfProtocol("The body is not a list of JSON objects.");
    const list = new UnitList();
    for (const json of splitJsonValues(text, MAX_RELAY_EVENTS + 1)) {
      if (!list.add({ json, events: 1 })) return TOO_MANY_EVENTS;
    }
    return ok(list.units);
  },
  decode: (unit, context) => {
    if (isObject(unit)) return [decodeLog(unit, context)];
    const message = "A log of a drain is an object.";
    return [{ ok: false, violation: { reason: "unknown_shape", message }, raw: unit }];
  },
};
