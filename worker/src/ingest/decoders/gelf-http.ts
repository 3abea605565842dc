/**
 * GELF over HTTP: one object in each request. Graylog's clients expect 202.
 *
 * Source: https://go2docs.graylog.org/current/getting_in_log_data/gelf.html
 */
import { isObject } from "#contract/wire/json-object.ts";
import { MAX_RELAY_EVENTS } from "#contract/wire/limits.ts";
import { ok } from "../result.ts";
import { NOT_TEXT, notOfProtocol, TOO_MANY_EVENTS, toText, UnitList, type IntakeDecoder } from "./intake.ts";
import { splitJsonValues } from "./json-values.ts";

const NOT_GELF = "The body is not GELF: an object with `version`, `host` and `short_message`.";

export const gelfHttp: IntakeDecoder = {
  split: (body) => {
    const text = toText(body);
    if (text === undefined) return NOT_TEXT;
    if (!/^\s*[[{]/.test(text)) return notOfProtocol(NOT_GELF);
    const list = new UnitList();
    for (const json of splitJsonValues(text, MAX_RELAY_EVENTS + 1)) {
      if (!list.add({ json, events: 1 })) return TOO_MANY_EVENTS;
    }
    return ok(list.units);
  },
  decode: (unit, { decodeShape }) => {
    const event = isObject(unit) ? decodeShape(unit) : undefined;
    return [event ?? { ok: false, violation: { reason: "unknown_shape", message: NOT_GELF }, raw: unit }];
  },
};
