/**
 * Vercel's log drains: a JSON array or one object on each line. `id` identifies a log.
 *
 * Source: https://vercel.com/docs/drains/reference/logs
 */
import { isUsableId } from "#contract/check/normalize-event.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import type { RawEvent } from "../delivery.ts";
import { uuidFromText } from "../uuid-from-text.ts";
import { nest, rejectUnit, splitJsonBody, withId, type IntakeContext, type IntakeDecoder } from "./intake.ts";
import type { JsonLineFields } from "./json-line-fields.ts";
import { decodeMembers } from "./json-line.ts";

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
  return withId(event, isUsableId(id) ? id : uuidFromText(JSON.stringify([app, id]), LOG_NAMESPACE));
};

export const vercel: IntakeDecoder = {
  split: (body) => splitJsonBody(body, "The body is not a list of JSON objects."),
  decode: (unit, context) => [
    isObject(unit) ? decodeLog(unit, context) : rejectUnit(unit, "A log of a drain is an object."),
  ],
};
