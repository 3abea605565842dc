/**
 * The protocols of other log services: their decoders, and how their payloads are decoded.
 */
import { createHash } from "node:crypto";
import { decodeText } from "#contract/check/decode-text.ts";
import { parseJson } from "#contract/check/parse-json.ts";
import { mayHaveLoneSurrogates } from "#contract/check/repair-text.ts";
import { isObject } from "#contract/wire/json-object.ts";
import type { Intake } from "#contract/wire/intakes.ts";
import { MAX_BATCH_EVENTS, MAX_MESSAGE_BYTES } from "#contract/wire/limits.ts";
import type { DecodedPayload, IntakeOptions, RawEvent } from "../delivery.ts";
import { repairPayload } from "../repair-payload.ts";
import { fail, ok, type Result } from "../result.ts";
import { uuidFromText } from "../uuid-from-text.ts";
import { datadog } from "./datadog.ts";
import { firehose } from "./firehose.ts";
import { gelfHttp } from "./gelf-http.ts";
import { hasIdOrTime } from "./has-id-or-time.ts";
import {
  findTooLong,
  lengthOf,
  type IntakeContext,
  type IntakeDecoder,
  type IntakeUnit,
  type ShapeDecoders,
} from "./intake.ts";
import { logplex } from "./logplex.ts";
import { logpush } from "./logpush.ts";
import { loki } from "./loki.ts";
import { withRepairs } from "./repaired.ts";
import { reports } from "./reports.ts";
import { splunk, splunkRaw } from "./splunk.ts";
import { vercel } from "./vercel.ts";

/** One decoder for each protocol. */
export const INTAKE_DECODERS: Readonly<Record<Intake, IntakeDecoder>> = {
  loki,
  datadog,
  splunk,
  splunk_raw: splunkRaw,
  logplex,
  vercel,
  firehose,
  logpush,
  reports,
  gelf_http: gelfHttp,
};

/** A constant random UUID: the namespace of the version 5 UUIDs of requests. */
const CONTENT_NAMESPACE = "e0b7c7a5-51f7-4d9e-8d8f-0c7e3c3f9b26";

/**
 * Groups units into payloads within the limits of one payload. A unit that exceeds a limit is alone in its group. Fails if the events
 * are too long.
 *
 * @param params The values in headers and in the query string, which each event repeats.
 */
export const groupUnits = (
  units: readonly IntakeUnit[],
  params: IntakeContext["params"] = {},
): Result<readonly (readonly IntakeUnit[])[]> => {
  const repeatedLength = JSON.stringify(params).length;
  const violation = findTooLong(units, repeatedLength);
  if (violation !== undefined) return fail(violation);
  const groups: IntakeUnit[][] = [];
  let [events, length] = [0, 0];
  for (const unit of units) {
    const group = groups.at(-1);
    const unitLength = lengthOf(unit, repeatedLength);
    events += unit.events;
    length += unitLength;
    if (group !== undefined && events <= MAX_BATCH_EVENTS && length <= MAX_MESSAGE_BYTES) group.push(unit);
    else {
      groups.push([unit]);
      [events, length] = [unit.events, unitLength];
    }
  }
  return ok(groups);
};

const decodeUnit = (name: Intake, line: string, context: IntakeContext): readonly RawEvent[] => {
  const json = parseJson(line);
  if (json.ok) {
    const { value } = json;
    const events = INTAKE_DECODERS[name].decode(value, context);
    return isObject(value) ? events.map((event) => withRepairs(event, value)) : events;
  }
  const message = "This part of the request is not valid JSON.";
  return [{ ok: false, violation: json.violation ?? { reason: "invalid_json", message }, raw: line }];
};

/**
 * Decodes the units of a payload. Events without an id have ids that are derived from the content of the request if it has an id or
 * each of them has a time, so that the same request sent again is stored once. The id alone is not enough: the events of another
 * request with the same id would count as duplicates.
 */
export const decodeIntake = (
  payload: Uint8Array,
  app: string,
  { name, params, requestId, part }: IntakeOptions,
  decoders: ShapeDecoders,
): Result<DecodedPayload> => {
  const decoded = decodeText(payload);
  if (decoded === undefined) return fail({ reason: "not_utf8", message: "The payload is not UTF-8 text." });
  const { text, isLossy } = decoded;
  const context: IntakeContext = { app, params, ...decoders };
  const events = text.split("\n").flatMap((line) => decodeUnit(name, line, context));
  const isIdentified = requestId !== undefined || events.every(hasIdOrTime);
  const hash = createHash("sha256").update(text).digest("hex");
  return ok(
    repairPayload(
      {
        dialect: name,
        ...(isIdentified
          ? { contentId: uuidFromText(JSON.stringify([name, part, params, requestId, hash]), CONTENT_NAMESPACE) }
          : {}),
        events,
      },
      { isLossy, mayHaveLoneSurrogates: mayHaveLoneSurrogates(text) },
    ),
  );
};
