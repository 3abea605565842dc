/**
 * The dialects: the payload formats that ingest accepts. {@link recognizePayload} selects the dialect of a payload by its
 * shape, without heuristics, for the Worker's decoders and for the live tail in the console. Pure, total, without zod.
 *
 * To add a dialect, add one row to {@link DIALECTS} and one decoder in worker/src/ingest/decoders. The type checker
 * reports the decoder table until it has an entry for the new row.
 */
import { checkJson } from "#contract/check/check-json.ts";
import type { Violation } from "./violation.ts";

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A dialect whose payload is text. `matches` receives the text without surrounding white space. */
interface TextDialect {
  readonly input: "text";
  readonly matches: (text: string) => boolean;
}

/** A dialect whose payload is one JSON object. */
interface ObjectDialect {
  readonly input: "object";
  readonly matches: (object: JsonObject) => boolean;
}

/** flutter_logs' plain mode: `{tag}  {subTag}  {message}  {05 June 2022 05:04:35 PM}  {INFO}`. */
export const FLUTTER_TEXT_PATTERN =
  /^\{([^{}]*)\} {2}\{([^{}]*)\} {2}\{([\s\S]*)\} {2}\{([^{}]*)\} {2}\{(INFO|WARNING|ERROR|SEVERE)\}$/;

/**
 * One row for each dialect. Rows are tried from top to bottom and the first match is used: the text rows before the
 * payload is parsed as JSON, the object rows afterwards.
 */
export const DIALECTS = {
  /** Any text that does not start like JSON: one event with the text as its body. */
  text: { input: "text", matches: (text) => !text.startsWith("{") && !text.startsWith("[") },
  flutter_text: { input: "text", matches: (text) => text.endsWith("}") && FLUTTER_TEXT_PATTERN.test(text) },
  /** edgelog's own format, see batch.ts. No other dialect has `events`. */
  batch: { input: "object", matches: (object) => "events" in object },
  /** flutter_logs' ELK mode. Each of its messages has a level and a thread name. */
  flutter_json: {
    input: "object",
    matches: (object) => "log.level" in object && "message" in object && "process.thread.name" in object,
  },
  /** One event, see log-event.ts. A JSON array and NDJSON are lists of them. */
  event: { input: "object", matches: (object) => "body" in object || "severity" in object || "id" in object },
} as const satisfies Readonly<Record<string, TextDialect | ObjectDialect>>;

/** Name of a dialect, as stored in `edgelog.dialect`. */
export type Dialect = keyof typeof DIALECTS;

/** The dialects whose decoder receives text, or those whose decoder receives an object. */
export type DialectOf<Input extends "text" | "object"> = {
  [Name in Dialect]: (typeof DIALECTS)[Name] extends { readonly input: Input } ? Name : never;
}[Dialect];

/** One element of a list of events: a JSON value, or a line of NDJSON that is not valid JSON. */
export type ListedEvent =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly violation: Violation; readonly raw: string };

/** A payload whose dialect is known, in the form that the dialect's decoder receives. */
export type RecognizedPayload =
  | { readonly ok: true; readonly input: "text"; readonly dialect: DialectOf<"text">; readonly text: string }
  | { readonly ok: true; readonly input: "object"; readonly dialect: DialectOf<"object">; readonly object: JsonObject }
  | {
      readonly ok: true;
      readonly input: "list";
      readonly dialect: "event";
      readonly events: readonly ListedEvent[];
    };

interface InvalidPayload {
  readonly ok: false;
  readonly violation: Violation;
}

const fail = (reason: Violation["reason"], message: string): InvalidPayload => ({
  ok: false,
  violation: { reason, message },
});

type Row<Input extends "text" | "object"> = readonly [
  DialectOf<Input>,
  Extract<TextDialect | ObjectDialect, { readonly input: Input }>,
];

const rowsOf = <Input extends "text" | "object">(input: Input): readonly Row<Input>[] =>
  Object.entries(DIALECTS).filter(([, row]) => row.input === input) as unknown as readonly Row<Input>[];

const TEXT_ROWS = rowsOf("text");
const OBJECT_ROWS = rowsOf("object");

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

type Json = { readonly ok: true; readonly value: unknown } | InvalidPayload;

const parseJson = (text: string, toMessage: (error: Error) => string): Json => {
  const violation = checkJson(text);
  if (violation !== undefined) return { ok: false, violation };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return fail("invalid_json", toMessage(error as Error));
  }
};

const recognizeJson = (value: unknown): RecognizedPayload | InvalidPayload => {
  if (Array.isArray(value)) {
    if (value.length === 0) return fail("empty_payload", "The payload contains no events.");
    return { ok: true, input: "list", dialect: "event", events: value.map((event) => ({ ok: true, value: event })) };
  }
  const row = isObject(value) ? OBJECT_ROWS.find(([, { matches }]) => matches(value)) : undefined;
  if (row !== undefined) return { ok: true, input: "object", dialect: row[0], object: value as JsonObject };
  return fail(
    "unknown_shape",
    "This JSON matches no supported format. A batch has `v` and `events`; an event has `body`. See PROTOCOL.md.",
  );
};

/** NDJSON: one event for each line. An invalid line is rejected alone, unless no line is valid. */
const recognizeLines = (text: string): RecognizedPayload | undefined => {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length < 2) return undefined;
  const events = lines.map((line): ListedEvent => {
    const json = parseJson(line, () => "This line is not valid JSON.");
    return json.ok ? json : { ...json, raw: line };
  });
  return events.some(({ ok }) => ok) ? { ok: true, input: "list", dialect: "event", events } : undefined;
};

/** Decodes UTF-8. Returns `undefined` if the bytes are not valid UTF-8. */
export const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
};

/**
 * Whether a payload is gzip: RFC 1952, 2.3.1. The second byte cannot follow the first in UTF-8, so text is never taken
 * for gzip.
 */
export const isGzip = ([first, second]: Uint8Array): boolean => first === 0x1f && second === 0x8b;

/**
 * Selects the dialect of a payload. Never throws: every byte sequence has a dialect or a violation.
 *
 * @param payload The payload after decompression, of at most `MAX_MESSAGE_BYTES` bytes.
 *
 * @example
 * ```ts
 * recognizePayload(new TextEncoder().encode('{"body":"Started"}'));
 * // { ok: true, input: "object", dialect: "event", object: { body: "Started" } }
 * ```
 */
export const recognizePayload = (payload: Uint8Array): RecognizedPayload | InvalidPayload => {
  if (payload.byteLength === 0) return fail("empty_payload", "The payload is empty.");
  const text = decodeUtf8(payload);
  if (text === undefined) return fail("not_utf8", "The payload is not valid UTF-8.");
  const trimmed = text.trim();
  if (trimmed === "") return fail("empty_payload", "The payload contains only white space.");
  const row = TEXT_ROWS.find(([, { matches }]) => matches(trimmed));
  if (row !== undefined) return { ok: true, input: "text", dialect: row[0], text: text.replace(/\r?\n$/, "") };
  const json = parseJson(trimmed, ({ message }) => `The payload is not valid JSON: ${message.slice(0, 120)}.`);
  return json.ok ? recognizeJson(json.value) : (recognizeLines(trimmed) ?? json);
};
