/**
 * Loki's `PushRequest` in protobuf: `streams` = 1 with `labels` = 1 and `entries` = 2, each with `timestamp` = 1, `line` = 2 and
 * `structuredMetadata` = 3. It becomes the object that the same request has in JSON. The fields are read one after the other, so
 * that a small request does not become a large object.
 *
 * Source: https://github.com/grafana/loki/blob/main/pkg/push/push.proto
 */
import { MAX_RELAY_EVENTS } from "#contract/wire/limits.ts";
import type { JsonObject } from "#contract/wire/json-object.ts";
import type { Violation } from "#contract/wire/violation.ts";
import { notOfProtocol, TOO_MANY_EVENTS } from "../decoders/intake.ts";
import { readFields, type WireField } from "../otlp/wire-format.ts";
import { fail, ok, type Result } from "../result.ts";
import { decompressSnappy } from "./snappy.ts";

/** Maximum size of a request after decompression. */
const MAX_PUSH_BYTES = 4_194_304;

/** Maximum number of pairs of one entry. */
const MAX_METADATA = 1_000;

export const NOT_A_PUSH = "The body is not a push request: `streams` with `stream` and `values`.";

const NO_PUSH = notOfProtocol(NOT_A_PUSH);

const TOO_LARGE: Violation = {
  reason: "too_large",
  message: `A request has at most ${MAX_PUSH_BYTES} bytes after decompression. Send smaller batches.`,
  limit: MAX_PUSH_BYTES,
};

const decoder = new TextDecoder();

const textOf = (bytes: Uint8Array, { start, end }: WireField): string => decoder.decode(bytes.subarray(start, end));

/** The value of a varint of at most 64 bits. */
const varintOf = (bytes: Uint8Array, { start, end }: WireField): bigint => {
  let value = 0n;
  for (let i = end - 1; i >= start; i -= 1) value = (value << 7n) | BigInt((bytes[i] ?? 0) & 0x7f);
  return BigInt.asIntN(64, value);
};

/** `google.protobuf.Timestamp` as nanoseconds. */
const readTime = (bytes: Uint8Array, { start, end }: WireField): string => {
  let [seconds, nanos] = [0n, 0n];
  for (const field of readFields(bytes, start, end)) {
    if (field.isDelimited) continue;
    if (field.number === 1) seconds = varintOf(bytes, field);
    if (field.number === 2) nanos = varintOf(bytes, field);
  }
  return String(seconds * 1_000_000_000n + nanos);
};

/** `LabelPairAdapter`: `name` = 1 and `value` = 2. */
const readPair = (bytes: Uint8Array, { start, end }: WireField): readonly [string, string] => {
  let [name, value] = ["", ""];
  for (const field of readFields(bytes, start, end)) {
    if (field.number === 1) name = textOf(bytes, field);
    if (field.number === 2) value = textOf(bytes, field);
  }
  return [name, value];
};

const readEntry = (bytes: Uint8Array, { start, end }: WireField): readonly unknown[] => {
  let [time, line] = ["0", ""];
  const metadata: (readonly [string, string])[] = [];
  for (const field of readFields(bytes, start, end)) {
    if (!field.isDelimited) continue;
    if (field.number === 1) time = readTime(bytes, field);
    if (field.number === 2) line = textOf(bytes, field);
    if (field.number === 3 && metadata.length < MAX_METADATA) metadata.push(readPair(bytes, field));
  }
  return metadata.length === 0 ? [time, line] : [time, line, Object.fromEntries(metadata)];
};

const LABEL = /\s*([A-Za-z_][\w.:-]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|(?=\}))/y;

/** Labels in the notation of LogQL: `{app="shop", level="info"}`. Text of another form is the label `labels`. */
export const parseLabels = (text: string): JsonObject => {
  const trimmed = text.trim();
  if (/^(?:\{\s*\})?$/.test(trimmed)) return {};
  const labels = new Map<string, string>();
  LABEL.lastIndex = 1;
  let end = 1;
  for (let match = LABEL.exec(trimmed); match !== null; match = LABEL.exec(trimmed)) {
    labels.set(match[1] ?? "", unquote(match[2] ?? ""));
    end = LABEL.lastIndex;
  }
  const isComplete = trimmed.startsWith("{") && trimmed.slice(end).trim() === "}";
  return isComplete ? Object.fromEntries(labels) : { labels: text };
};

/** Go's `strconv.Quote` writes texts as JSON does, for all characters of labels in use. */
const unquote = (text: string): string => {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
};

/** Fails if the bytes are not a request in snappy, or exceed a limit. Never throws. */
export const readPushRequest = (compressed: Uint8Array): Result<JsonObject> => {
  const bytes = decompressSnappy(compressed, MAX_PUSH_BYTES);
  if (bytes === undefined) return NO_PUSH;
  if (bytes === "too_large") return fail(TOO_LARGE);
  const streams: { readonly stream: JsonObject; readonly values: unknown[] }[] = [];
  let entries = 0;
  try {
    for (const stream of readFields(bytes, 0, bytes.byteLength)) {
      if (stream.number !== 1 || !stream.isDelimited) continue;
      const values: unknown[] = [];
      let labels = "";
      for (const field of readFields(bytes, stream.start, stream.end)) {
        if (field.number === 1) labels = textOf(bytes, field);
        if (field.number !== 2) continue;
        values.push(readEntry(bytes, field));
        entries += 1;
        if (entries > MAX_RELAY_EVENTS) return fail(TOO_MANY_EVENTS);
      }
      // Streams without entries would be many objects in few bytes.
      if (values.length > 0) streams.push({ stream: parseLabels(labels), values });
    }
    // Other messages have no entries.
    return entries === 0 && bytes.byteLength > 0 ? NO_PUSH : ok({ streams });
  } catch {
    return NO_PUSH;
  }
};
