/**
 * Recognises the dialect of a payload by its shape, never by a guess, and hands it to that dialect's decoder.
 * Total: every sequence of bytes is either decoded or comes back with a reason.
 */
import { gunzipSync } from "node:zlib";
import { MAX_MESSAGE_BYTES } from "#contract/wire/limits.ts";
import type { Violation } from "#contract/wire/reject-reason.ts";
import { checkJson } from "#contract/check/check-json.ts";
import { decodeBatch, isBatch } from "./decoders/batch.ts";
import { decodeEvent, isEvent } from "./decoders/event.ts";
import { decodeFlutterJson, isFlutterJson } from "./decoders/flutter-json.ts";
import { decodeFlutterText, isFlutterText } from "./decoders/flutter-text.ts";
import { decodeLines } from "./decoders/lines.ts";
import { decodeText } from "./decoders/text.ts";
import { fail, ok, type DecodedPayload, type RawEvent, type Result } from "./payload.ts";

const violation = (reason: Violation["reason"], message: string): Result<never> => fail({ reason, message });

/** The text of a payload; `undefined` when it is not UTF-8. */
export const readText = (payload: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(payload);
  } catch {
    return undefined;
  }
};

const parseJson = (text: string): Result<unknown> => {
  const broken = checkJson(text);
  if (broken !== undefined) return fail(broken);
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    return violation("invalid_json", `The payload is not valid JSON: ${(error as Error).message.slice(0, 120)}.`);
  }
};

const toRawEvents = (values: readonly unknown[]): readonly RawEvent[] => values.map((value) => ({ ok: true, value }));

const decodeJson = (value: unknown): Result<DecodedPayload> => {
  if (Array.isArray(value) && value.length === 0) return violation("empty_payload", "The payload has no events.");
  if (Array.isArray(value)) return ok({ dialect: "event", events: toRawEvents(value) });
  if (isBatch(value)) return decodeBatch(value);
  if (isFlutterJson(value)) return ok(decodeFlutterJson(value));
  if (isEvent(value)) return ok(decodeEvent(value));
  return violation(
    "unknown_shape",
    "This JSON is none of the known shapes: a batch has `v` and `events`, an event has `body`; see PROTOCOL.md.",
  );
};

/** RFC 1952, 2.3.1: no text begins like this. */
const isGzip = ([first, second]: Uint8Array): boolean => first === 0x1f && second === 0x8b;

const inflate = (payload: Uint8Array): Result<Uint8Array> => {
  try {
    return ok(gunzipSync(payload, { maxOutputLength: MAX_MESSAGE_BYTES }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") {
      return violation("broken_gzip", "The payload begins like gzip but is not.");
    }
    return fail({
      reason: "too_large",
      message: `The payload is larger than ${MAX_MESSAGE_BYTES} bytes once it is decompressed.`,
      field: "payload",
      limit: MAX_MESSAGE_BYTES,
    });
  }
};

export const decode = (sent: Uint8Array): Result<DecodedPayload> => {
  const inflated = isGzip(sent) ? inflate(sent) : ok(sent);
  if (!inflated.ok) return inflated;
  const payload = inflated.value;
  if (payload.byteLength === 0) return violation("empty_payload", "The payload is empty.");
  const text = readText(payload);
  if (text === undefined) return violation("not_utf8", "The payload is not UTF-8 text.");
  const trimmed = text.trim();
  if (trimmed === "") return violation("empty_payload", "The payload is blank.");
  if (!trimmed.startsWith("{") && !trimmed.startsWith("[")) return ok(decodeText(text));
  if (isFlutterText(trimmed)) return ok(decodeFlutterText(trimmed));
  const json = parseJson(trimmed);
  if (json.ok) return decodeJson(json.value);
  return decodeLines(trimmed, json);
};
