/**
 * GELF over HTTP: one object in each request. Graylog's clients expect 202.
 *
 * Source: https://go2docs.graylog.org/current/getting_in_log_data/gelf.html
 */
import { isObject } from "#contract/wire/json-object.ts";
import { rejectUnit, splitJsonBody, type IntakeDecoder } from "./intake.ts";

const NOT_GELF = "The body is not GELF: an object with `version`, `host` and `short_message`.";

export const gelfHttp: IntakeDecoder = {
  split: (body) => splitJsonBody(body, NOT_GELF),
  decode: (unit, { decodeShape }) => [(isObject(unit) ? decodeShape(unit) : undefined) ?? rejectUnit(unit, NOT_GELF)],
};
