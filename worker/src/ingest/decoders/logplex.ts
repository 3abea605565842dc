/**
 * Heroku's log drains: `application/logplex-1`, frames of syslog with the number of their bytes before each (RFC 6587, 3.4.1). The
 * lines have no structured data, unlike RFC 5424. The message is decoded by its shape.
 *
 * Source: https://devcenter.heroku.com/articles/log-drains#https-drains
 */
import { decodeText } from "#contract/check/decode-text.ts";
import type { RawEvent } from "../delivery.ts";
import { fail, ok } from "../result.ts";
import { nest, notOfProtocol, UnitList, type IntakeContext, type IntakeDecoder } from "./intake.ts";
import { FieldMap } from "./field-map.ts";
import { syslogSeverity } from "#contract/wire/severity-names.ts";
import { toRawEvent } from "./to-raw-event.ts";
import { toTime } from "#contract/check/to-time.ts";

const [ZERO, NINE, SPACE] = [0x30, 0x39, 0x20];
const MAX_COUNT_DIGITS = 7;

const FRAME = /^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) ?([\s\S]*)$/;

/** The end of the digits at `start` if a space follows them. */
const endOfCount = (body: Uint8Array, start: number): number | undefined => {
  let end = start;
  while (end - start < MAX_COUNT_DIGITS && (body[end] ?? 0) >= ZERO && (body[end] ?? 0) <= NINE) end += 1;
  return end > start && body[end] === SPACE ? end : undefined;
};

/** A frame that is binary has U+FFFD in place of its invalid bytes. */
const toFrame = (bytes: Uint8Array): string => decodeText(bytes)?.text ?? new TextDecoder().decode(bytes);

/** `-` stands for no value. */
const toField = (text: string | undefined): string | undefined => (text === "-" ? undefined : text);

const decodeFrame = (frame: string, { params, decodeLine }: IntakeContext): RawEvent => {
  const text = frame.replace(/\r?\n$/, "");
  const [, priority, timestamp, host, source, dyno, messageId, message = ""] = FRAME.exec(text) ?? [];
  if (priority === undefined) {
    return toRawEvent("logplex", { severity: undefined, body: text, attributes: {} }, frame);
  }
  const time = toTime(timestamp);
  const [attributes, resource] = [new FieldMap(), new FieldMap()];
  attributes.add("syslog.facility.code", Math.floor(Number(priority) / 8));
  attributes.add("heroku.source", toField(source));
  attributes.add("heroku.dyno", toField(dyno));
  attributes.add("syslog.msg.id", toField(messageId));
  attributes.add("heroku.drain", params["drain"]);
  if (time === undefined) attributes.add("syslog.timestamp", toField(timestamp));
  if (host !== "host") resource.add("host.name", toField(host));
  const severity = syslogSeverity(Number(priority) % 8);
  const outer = toRawEvent(
    "logplex",
    { severity, time, body: message, attributes: attributes.map, resource: resource.map },
    frame,
  );
  return nest(outer, decodeLine(message));
};

export const logplex: IntakeDecoder = {
  split: (body) => {
    const list = new UnitList();
    let position = 0;
    while (position < body.byteLength) {
      const end = endOfCount(body, position);
      const length = end === undefined ? 0 : Number(decodeText(body.subarray(position, end))?.text);
      if (end === undefined || length === 0 || end + 1 + length > body.byteLength) {
        return notOfProtocol("The body is not a list of frames: the number of bytes, a space, and a line of syslog.");
      }
      position = end + 1 + length;
      const violation = list.add({ json: JSON.stringify(toFrame(body.subarray(end + 1, position))), events: 1 });
      if (violation !== undefined) return fail(violation);
    }
    return ok(list.units);
  },
  decode: (unit, context) => [decodeFrame(String(unit), context)],
};
