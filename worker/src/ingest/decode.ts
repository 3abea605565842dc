/**
 * Decompresses a payload, selects its decoder by its shape and decodes it. A payload that matches no known shape is
 * rejected. Never throws: every byte sequence gives events or a violation.
 */
import { gunzipSync } from "node:zlib";
import { isGzip, recognizePayload, type DialectOf, type JsonObject } from "#contract/wire/dialect.ts";
import { MAX_MESSAGE_BYTES } from "#contract/wire/limits.ts";
import { decodeBatch } from "./decoders/batch.ts";
import { decodeEvent } from "./decoders/event.ts";
import { decodeFlutterJson } from "./decoders/flutter-json.ts";
import { decodeFlutterText } from "./decoders/flutter-text.ts";
import { decodeText } from "./decoders/text.ts";
import type { DecodedPayload } from "./delivery.ts";
import { fail, ok, type Result } from "./result.ts";

/** One decoder for each row of `DIALECTS` whose payload is text. */
const TEXT_DECODERS: Readonly<Record<DialectOf<"text">, (text: string) => DecodedPayload>> = {
  text: decodeText,
  flutter_text: decodeFlutterText,
};

/** One decoder for each row of `DIALECTS` whose payload is a JSON object. */
const OBJECT_DECODERS: Readonly<Record<DialectOf<"object">, (object: JsonObject) => Result<DecodedPayload>>> = {
  batch: decodeBatch,
  flutter_json: (object) => ok(decodeFlutterJson(object)),
  event: (object) => ok(decodeEvent(object)),
};

const gunzip = (payload: Uint8Array): Result<Uint8Array> => {
  try {
    return ok(gunzipSync(payload, { maxOutputLength: MAX_MESSAGE_BYTES }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") {
      return fail({ reason: "broken_gzip", message: "The payload starts with a gzip header but is not valid gzip." });
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
  const payload = recognizePayload(uncompressed.value);
  if (!payload.ok) return payload;
  switch (payload.input) {
    case "text":
      return ok(TEXT_DECODERS[payload.dialect](payload.text));
    case "object":
      return OBJECT_DECODERS[payload.dialect](payload.object);
    case "list":
      return ok({ dialect: payload.dialect, events: payload.events });
  }
};
