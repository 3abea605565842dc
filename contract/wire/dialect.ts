/**
 * The dialects: the payload formats that ingest accepts. {@link recognizePayload} selects the dialect of a payload by its
 * shape, without heuristics, for the Worker's decoders and for the live tail in the console. Pure, total, without zod.
 *
 * To add a dialect, add one row to {@link DIALECTS} and one decoder in worker/src/ingest/decoders. The type checker
 * reports the decoder table until it has an entry for the new row.
 */
import { decodeText } from "#contract/check/decode-text.ts";
import { isStorableEvent } from "#contract/check/plain-event.ts";
import { parseJson } from "#contract/check/parse-json.ts";
import { parseEvents, UnreadableEvent } from "#contract/check/split-json.ts";
import { mayHaveLoneSurrogates } from "#contract/check/repair-text.ts";
import { JSON_LINE_FORMATS } from "./json-line-formats.ts";
import type { BatchHead } from "./batch.ts";
import { MAX_BATCH_EVENTS } from "./limits.ts";
import type { Intake } from "./intakes.ts";
import { joinContainerLines } from "./container-lines.ts";
import { CRI_PATTERN, findLineFormat, hasFormattedLine, isContinuation, LINE_PATTERNS } from "./line-formats.ts";
import { isObject, type JsonObject } from "./json-object.ts";
import { hasFlutterRecords, MAX_SEGMENTS, splitText, startsLikeObject, type Segment } from "./split-text.ts";
import { tooManyEvents } from "./too-many-events.ts";
import type { Violation } from "./violation.ts";

export type { JsonObject };

/** A dialect whose payload is text. `matches` receives the text without surrounding white space. */
interface TextDialect {
  readonly input: "text";
  readonly matches: (text: string) => boolean;
  /** Whether its payloads may start with a brace, like JSON. Default: false; such payloads are then not compared with it. */
  readonly mayStartWithBrace?: boolean;
}

/** A dialect whose payload is one JSON object. */
interface ObjectDialect {
  readonly input: "object";
  readonly matches: (object: JsonObject) => boolean;
}

/** RFC 7464: a JSON text sequence has this character before each value. */
const RECORD_SEPARATOR = "\u001e";

const startsLikeJson = (text: string): boolean =>
  text.startsWith("{") || text.startsWith("[") || text.startsWith(RECORD_SEPARATOR);

/** Whether a line of the text, other than the first, may be JSON or a record of flutter_logs. */
const hasStructuredLine = (text: string): boolean =>
  /\n[^\S\n]*[{[]/.test(text) || text.includes(`\n${RECORD_SEPARATOR}`);

/** flutter_logs' plain mode: `{tag}  {subTag}  {message}  {05 June 2022 05:04:35 PM}  {INFO}`. */
export const FLUTTER_TEXT_PATTERN =
  /^\{([^{}]*)\} {2}\{([^{}]*)\} {2}\{([\s\S]*)\} {2}\{([^{}]*)\} {2}\{(INFO|WARNING|ERROR|SEVERE)\}$/;

/** The ends of all matches of {@link FLUTTER_TEXT_PATTERN}. JSON has others, and need not be scanned. */
const FLUTTER_ENDS = ["INFO}", "WARNING}", "ERROR}", "SEVERE}"];

const isFlutterText = (text: string): boolean => FLUTTER_TEXT_PATTERN.test(text) && !hasFlutterRecords(text);

/** Whether a key is present with its dot, or as a key of a nested object: `log.level`, or `level` in `log`. */
const hasKey = (object: JsonObject, outer: string, inner: string): boolean => {
  const nested = object[outer];
  return `${outer}.${inner}` in object || (isObject(nested) && inner in nested);
};

/**
 * One row for each dialect. Rows are tried from top to bottom and the first match is used: the text rows before the
 * payload is parsed as JSON, the object rows afterwards.
 */
export const DIALECTS = {
  /** A line of a container: CRI. */
  cri: { input: "text", matches: (text) => CRI_PATTERN.test(text) },
  /** A line of syslog, RFC 5424. */
  syslog: { input: "text", matches: (text) => LINE_PATTERNS.syslog.test(text) },
  /** A line of syslog, RFC 3164. */
  syslog_bsd: { input: "text", matches: (text) => LINE_PATTERNS.syslog_bsd.test(text) },
  /** A line of an access log of nginx or Apache. */
  access: { input: "text", matches: (text) => LINE_PATTERNS.access.test(text) },
  /** `level=info msg="Started" port=80`. */
  logfmt: { input: "text", matches: (text) => LINE_PATTERNS.logfmt.test(text) },
  /** Any text that is not JSON: one event with the text as its body. */
  text: {
    input: "text",
    matches: (text) => !startsLikeJson(text) && !hasFormattedLine(text) && !hasStructuredLine(text),
  },
  flutter_text: {
    input: "text",
    mayStartWithBrace: true,
    matches: (text) => FLUTTER_ENDS.some((end) => text.endsWith(end)) && isFlutterText(text),
  },
  /** OTLP's `ExportLogsServiceRequest` as JSON. `POST /v1/logs` converts protobuf to it. */
  otlp: { input: "object", matches: (object) => Array.isArray(object["resourceLogs"]) },
  /**
   * flutter_logs' ELK mode. Its logger has a constant name, and unlike other ECS senders it sends its labels as text and no
   * time.
   */
  flutter_json: {
    input: "object",
    matches: (object) =>
      object["log.logger"] === "PLogger" && "labels" in object && "log.level" in object && !("@timestamp" in object),
  },
  /** Elastic Common Schema, as the loggers of Elastic and Spring Boot write it, with dotted or nested names. */
  ecs: { input: "object", matches: (object) => hasKey(object, "log", "level") || hasKey(object, "ecs", "version") },
  /** Lines of other loggers. */
  ...JSON_LINE_FORMATS,
  /** edgelog's own format, see batch.ts. It has no level and no message, as the lines above that have `events` among their fields. */
  batch: {
    input: "object",
    matches: (object) => "events" in object && ("v" in object || Array.isArray(object["events"])),
  },
  /** One event, see log-event.ts. */
  event: { input: "object", matches: (object) => "body" in object || "severity" in object || "id" in object },
} as const satisfies Readonly<Record<string, TextDialect | ObjectDialect>>;

/** Name of a dialect, as stored in `edgelog.dialect`. */
export type Dialect = keyof typeof DIALECTS | Intake;

/** The dialects whose decoder receives text, or those whose decoder receives an object. */
export type DialectOf<Input extends "text" | "object"> = {
  [Name in keyof typeof DIALECTS]: (typeof DIALECTS)[Name] extends { readonly input: Input } ? Name : never;
}[keyof typeof DIALECTS];

/** The dialects whose object contains several events. */
export type ManyEventsDialect = "batch" | "otlp";

/** One element of a list: of a JSON array, or of a text with several values. */
export type ListedItem =
  | { readonly ok: true; readonly input: "text"; readonly dialect: DialectOf<"text">; readonly text: string }
  | {
      readonly ok: true;
      readonly input: "object";
      readonly dialect: Exclude<DialectOf<"object">, ManyEventsDialect>;
      readonly object: JsonObject;
    }
  /** An element of a JSON array that is not an object. It is not a valid event. */
  | { readonly ok: true; readonly input: "value"; readonly dialect: "event"; readonly value: unknown }
  | { readonly ok: false; readonly violation: Violation; readonly raw: unknown };

type Recognized =
  | { readonly ok: true; readonly input: "text"; readonly dialect: DialectOf<"text">; readonly text: string }
  | { readonly ok: true; readonly input: "object"; readonly dialect: DialectOf<"object">; readonly object: JsonObject }
  | { readonly ok: true; readonly input: "list"; readonly items: readonly ListedItem[] };

/** Whether the text of a payload may need a repair, see repair-text.ts. */
export interface TextDefects {
  /** Whether invalid bytes were replaced with U+FFFD. */
  readonly isLossy: boolean;
  /** Whether strings may contain half of a surrogate pair. `false` is certain. */
  readonly mayHaveLoneSurrogates: boolean;
}

/** A payload whose dialect is known, in the form that the dialect's decoder receives. */
export type RecognizedPayload = Recognized & { readonly defects: TextDefects };

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

/** The rows that can match a text with a brace at its start, like most payloads. */
const BRACE_ROWS = TEXT_ROWS.filter(([, { mayStartWithBrace }]) => mayStartWithBrace === true);

const BATCH_MEMBERS: ReadonlySet<string> = new Set<keyof BatchHead>(["v", "id", "resource", "attributes", "events"]);

/** Nearly all messages are batches without other members, which match no row of another format. */
const isPlainBatch = (object: JsonObject): boolean => {
  if (!("v" in object && "events" in object)) return false;
  for (const member in object) if (!BATCH_MEMBERS.has(member)) return false;
  return true;
};

/** The dialect of an object. `undefined` if it matches no row. */
export const findDialect = (object: JsonObject): DialectOf<"object"> | undefined =>
  isPlainBatch(object) ? "batch" : OBJECT_ROWS.find(([, { matches }]) => matches(object))?.[0];

const NESTED_BATCH: Violation = {
  reason: "unknown_shape",
  message:
    "A batch or an OTLP request must be the only content of its payload. Send each in its own request or message.",
};

/** An object in a list of objects. One that matches no row is decoded as an event, so that the receipt names the wrong field. */
const toItem = (object: JsonObject): ListedItem => {
  const dialect = findDialect(object) ?? "event";
  if (dialect === "batch" || dialect === "otlp") return { ok: false, violation: NESTED_BATCH, raw: object };
  return { ok: true, input: "object", dialect, object };
};

const toTextItem = (text: string): ListedItem => ({ ok: true, input: "text", dialect: "text", text });

const toLineItem = (text: string): ListedItem => {
  const dialect = findLineFormat(text);
  return dialect === undefined ? toTextItem(text) : { ok: true, input: "text", dialect, text };
};

/** An object between lines of text, which can be part of the text: it is an event only if it is valid. */
const toItemAmongText = (object: JsonObject, raw: string): ListedItem => {
  const dialect = findDialect(object);
  const isEvent = dialect !== undefined && (dialect !== "event" || isStorableEvent(object));
  return isEvent ? toItem(object) : toTextItem(raw);
};

const toItems = (segments: readonly Segment[]): readonly ListedItem[] => {
  const hasText = segments.some(({ kind }) => kind === "line");
  return segments.map((segment): ListedItem => {
    switch (segment.kind) {
      case "object":
        return hasText ? toItemAmongText(segment.object, segment.raw) : toItem(segment.object);
      case "line":
        return toLineItem(segment.text);
      case "flutter":
        return { ok: true, input: "text", dialect: "flutter_text", text: segment.text };
      case "invalid":
        return { ok: false, violation: segment.violation, raw: segment.raw };
    }
  });
};

const isText = (item: ListedItem | undefined): item is Extract<ListedItem, { readonly input: "text" }> =>
  item?.ok === true && item.dialect === "text";

/**
 * Joins lines of text to the line before them.
 *
 * @param isContinued Whether a line belongs to the lines before it.
 */
const joinLines = (items: readonly ListedItem[], isContinued: typeof isContinuation): readonly ListedItem[] => {
  const joined: ListedItem[] = [];
  let lines: string[] = [];
  const close = (): void => {
    if (lines.length > 0) joined.push(toTextItem(lines.join("\n")));
    lines = [];
  };
  for (const item of items) {
    if (!isText(item)) {
      close();
      joined.push(item);
      continue;
    }
    const [first] = lines;
    const continues = first !== undefined && isContinued(item.text, { first, last: lines.at(-1) ?? first });
    if (!continues) close();
    lines.push(item.text);
  }
  close();
  return joined;
};

/** Indented lines and the other lines of a stack trace belong to the line before. */
const toEvents = (segments: readonly Segment[]): readonly ListedItem[] => {
  const items = joinLines(joinContainerLines(toItems(segments)), isContinuation);
  return items.length <= MAX_BATCH_EVENTS ? items : joinLines(items, () => true);
};

const recognizeJson = (value: unknown): Recognized | InvalidPayload => {
  if (Array.isArray(value)) {
    if (value.length === 0) return fail("empty_payload", "The payload contains no events.");
    if (value.length > MAX_BATCH_EVENTS) return { ok: false, violation: tooManyEvents(value.length) };
    const items = value.map((each): ListedItem => {
      if (each instanceof UnreadableEvent) return { ok: false, violation: each.violation, raw: each.raw };
      return isObject(each) ? toItem(each) : { ok: true, input: "value", dialect: "event", value: each };
    });
    return { ok: true, input: "list", items };
  }
  const object = isObject(value) ? value : undefined;
  const dialect = object === undefined ? undefined : findDialect(object);
  if (object !== undefined && dialect !== undefined) return { ok: true, input: "object", dialect, object };
  return fail(
    "unknown_shape",
    "This JSON matches no supported format. A batch has `v` and `events`; an event has `body`. See PROTOCOL.md.",
  );
};

/**
 * A payload that is not one JSON value: several values, text, or both.
 *
 * @param violation The limit that the payload would exceed as one JSON value.
 */
const recognizeValues = (text: string, trimmed: string, violation?: Violation): Recognized | InvalidPayload => {
  const segments = splitText(text);
  if (segments === undefined)
    return { ok: false, violation: tooManyEvents(`more than ${MAX_SEGMENTS}`, "lines and values") };
  const events = toEvents(segments);
  if (events.some((item) => item.ok && !isText(item))) return { ok: true, input: "list", items: events };
  if (violation !== undefined) return { ok: false, violation };
  if (startsLikeObject(trimmed.replace(RECORD_SEPARATOR, ""))) {
    return fail(
      "invalid_json",
      "The payload starts like a JSON object but is not valid JSON. Send valid JSON, or text that does not start like an object.",
    );
  }
  return { ok: true, input: "text", dialect: "text", text: withoutLineEnd(text) };
};

/**
 * Whether a payload is gzip: RFC 1952, 2.3.1. The second byte cannot follow the first in UTF-8, so text is never taken
 * for gzip.
 */
export const isGzip = ([first, second]: Uint8Array): boolean => first === 0x1f && second === 0x8b;

const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, "");

/** The events of a text that exceeds a limit. `undefined` if it is neither a list nor a batch. */
const parseLargeEvents = (text: string): ReturnType<typeof parseEvents> => {
  const parsed = parseEvents(text);
  if (parsed?.ok !== true || !isObject(parsed.value)) return parsed;
  return findDialect(parsed.value) === "batch" ? parsed : undefined;
};

const recognizeText = (text: string): Recognized | InvalidPayload => {
  const trimmed = text.trim();
  if (trimmed === "") return fail("empty_payload", "The payload contains only white space.");
  const rows = trimmed.startsWith("{") ? BRACE_ROWS : TEXT_ROWS;
  const row = rows.find(([, { matches }]) => matches(trimmed));
  if (row !== undefined) return { ok: true, input: "text", dialect: row[0], text: withoutLineEnd(text) };
  if (!startsLikeJson(trimmed)) return recognizeValues(text, trimmed);
  const json = parseJson(trimmed);
  const parsed = json.ok || json.violation === undefined ? json : (parseLargeEvents(trimmed) ?? json);
  return parsed.ok ? recognizeJson(parsed.value) : recognizeValues(text, trimmed, parsed.violation);
};

/**
 * Selects the dialect of a payload. Never throws: every byte sequence has a dialect or a violation.
 *
 * @param payload The payload after decompression, of at most `MAX_MESSAGE_BYTES` bytes.
 *
 * @example
 * ```ts
 * recognizePayload(new TextEncoder().encode('{"body":"Started"}'));
 * // { ok: true, input: "object", dialect: "event", object: { body: "Started" }, defects: … }
 * ```
 */
export const recognizePayload = (payload: Uint8Array): RecognizedPayload | InvalidPayload => {
  if (payload.byteLength === 0) return fail("empty_payload", "The payload is empty.");
  const decoded = decodeText(payload);
  if (decoded === undefined) return fail("not_utf8", "The payload is binary: it is not UTF-8 text.");
  const { text, isLossy } = decoded;
  const recognized = recognizeText(text);
  if (!recognized.ok) return recognized;
  const halves = recognized.input !== "text" && mayHaveLoneSurrogates(text);
  return { ...recognized, defects: { isLossy, mayHaveLoneSurrogates: halves } };
};
