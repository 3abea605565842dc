/**
 * Selects the decoder for a payload by the payload's shape. No heuristics: a payload that matches no known shape is
 * rejected. Never throws: every byte sequence gives events or a violation.
 */
import { gunzipSync } from "node:zlib";
import { MAX_MESSAGE_BYTES } from "#contract/wire/limits.ts";
import type { Violation } from "#contract/wire/violation.ts";
import { checkJson } from "#contract/check/check-json.ts";
import { decodeBatch, isBatch } from "./decoders/batch.ts";
import { decodeEvent, isEvent } from "./decoders/event.ts";
import { decodeFlutterJson, isFlutterJson } from "./decoders/flutter-json.ts";
import { decodeFlutterText, isFlutterText } from "./decoders/flutter-text.ts";
import { decodeLines } from "./decoders/lines.ts";
import { decodeText } from "./decoders/text.ts";
import type { DecodedPayload, RawEvent } from "./delivery.ts";
import { fail, ok, type Result } from "./result.ts";

const violation = (reason: Violation["reason"], message: string): Result<never> => fail({ reason, message });

/** Returns `undefined` if the bytes are not valid UTF-8. */
export const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
};

const parseJson = (text: string): Result<unknown> => {
  const invalid = checkJson(text);
  if (invalid !== undefined) return fail(invalid);
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    return violation("invalid_json", `The payload is not valid JSON: ${(error as Error).message.slice(0, 120)}.`);
  }
};

const toRawEvents = (values: readonly unknown[]): readonly RawEvent[] => values.map((value) => ({ ok: true, value }));

const decodeJson = (value: unknown): Result<DecodedPayload> => {
  if (Array.isArray(value) && value.length === 0) return violation("empty_payload", "The payload contains no events.");
  if (Array.isArray(value)) return ok({ dialect: "event", events: toRawEvents(value) });
  if (isBatch(value)) return decodeBatch(value);
  if (isFlutterJson(value)) return ok(decodeFlutterJson(value));
  if (isEvent(value)) return ok(decodeEvent(value));
  return violation(
    "unknown_shape",
    "This JSON matches no supported format. A batch has `v` and `events`; an event has `body`. See PROTOCOL.md.",
  );
};

/** RFC 1952, 2.3.1. The second byte cannot occur at this position in UTF-8, so no text is mistaken for gzip. */
const isGzip = ([first, second]: Uint8Array): boolean => first === 0x1f && second === 0x8b;

const gunzip = (payload: Uint8Array): Result<Uint8Array> => {
  try {
    return ok(gunzipSync(payload, { maxOutputLength: MAX_MESSAGE_BYTES }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") {
      return violation("broken_gzip", "The payload starts with a gzip header but is not valid gzip.");
    }
    return fail({
      reason: "too_large",
      message: `The payload is larger than ${MAX_MESSAGE_BYTES} bytes after decompression.`,
      field: "payload",
      limit: MAX_MESSAGE_BYTES,
    });
  }
};

/**
 * Decodes a payload into events that are not validated yet. Accepts gzip of at most {@link MAX_MESSAGE_BYTES} bytes after
 * decompression.
 */
export const decode = (sent: Uint8Array): Result<DecodedPayload> => {
  const uncompressed = isGzip(sent) ? gunzip(sent) : ok(sent);
  if (!uncompressed.ok) return uncompressed;
  const payload = uncompressed.value;
  if (payload.byteLength === 0) return violation("empty_payload", "The payload is empty.");
  const text = decodeUtf8(payload);
  if (text === undefined) return violation("not_utf8", "The payload is not valid UTF-8.");
  const trimmed = text.trim();
  if (trimmed === "") return violation("empty_payload", "The payload contains only white space.");
  if (!trimmed.startsWith("{") && !trimmed.startsWith("[")) return ok(decodeText(text));
  if (isFlutterText(trimmed)) return ok(decodeFlutterText(trimmed));
  const json = parseJson(trimmed);
  if (json.ok) return decodeJson(json.value);
  return decodeLines(trimmed, json);
};
