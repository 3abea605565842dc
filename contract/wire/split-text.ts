/**
 * Splits a payload with several values into segments: JSON objects, records of flutter_logs, and lines of text. Loggers that
 * write JSON lines share their output with programs that write text, and some senders put no line feed between values.
 * Pure, total, and linear in the length of the text.
 */
import { isObject, type JsonObject } from "./json-object.ts";
import { findLineFormat } from "./line-formats.ts";
import { MAX_BATCH_EVENTS, MAX_MESSAGE_BYTES } from "./limits.ts";
import { parseJson } from "#contract/check/parse-json.ts";
import type { Violation } from "./violation.ts";

/** A JSON object. */

/** One piece of a text. Segments have the order of the text. */
export type Segment =
  | { readonly kind: "object"; readonly object: JsonObject; readonly raw: string }
  /** One line, or several of a text with too many. White space at its start is part of it. */
  | { readonly kind: "line"; readonly text: string }
  /** One record of flutter_logs' plain mode. It can have several lines. */
  | { readonly kind: "flutter"; readonly text: string }
  /** A line that starts like a JSON object and is not valid, or a value that exceeds a limit. */
  | { readonly kind: "invalid"; readonly violation: Violation; readonly raw: string };

/**
 * Maximum number of segments. A small compressed payload could otherwise become half a million objects. A line of a container has at least
 * 32 bytes, so that a payload of such lines, which may be joined to few events, has fewer.
 */
export const MAX_SEGMENTS = MAX_MESSAGE_BYTES / 32;

/** How many lines may look like JSON and not be valid. Later lines of this kind are text: each error takes microseconds. */
const MAX_PARSE_ERRORS = 10 * MAX_BATCH_EVENTS;

const [QUOTE, BACKSLASH, LINE_FEED, COLON] = [0x22, 0x5c, 0x0a, 0x3a];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** How often the characters of a text may be scanned for the end of a value that has several lines. */
const MAX_SCANS = 4;

/** White space, commas and the record separator of RFC 7464 may separate the values of one line. */
const isSeparator = (code: number): boolean =>
  code === 0x20 || code === 0x09 || code === 0x0d || code === 0x2c || code === 0x1e;

const OBJECT_START = /^\[?\s*\{\s*"(?:[^"\\\n]|\\[^\n])*"\s*:/;

const FLUTTER_START = /\{[^{}\n]*\} {2}\{[^{}\n]*\} {2}\{/y;
const NEXT_FLUTTER_START = /\n\{[^{}\n]*\} {2}\{[^{}\n]*\} {2}\{/g;
const FLUTTER_END = /\} {2}\{[^{}\n]*\} {2}\{(?:INFO|WARNING|ERROR|SEVERE)\}(?=[^\S\n]*(?:\n|$))/g;

/**
 * Whether a text starts with a JSON object and its first key, alone or in an array. Such a text is meant to be JSON, even if it
 * is not valid.
 */
export const startsLikeObject = (text: string): boolean => OBJECT_START.test(text);

/** Whether a text has several records of flutter_logs' plain mode. */
export const hasFlutterRecords = (text: string): boolean => {
  NEXT_FLUTTER_START.lastIndex = 0;
  return NEXT_FLUTTER_START.test(text);
};

/** Position after the string that starts at `start`. -1 if it has no end, or a line feed, which JSON does not allow. */
const endOfString = (text: string, start: number, limit: number): number => {
  for (let i = start + 1; i < limit; i += 1) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i + 1;
    if (code === BACKSLASH) i += 1;
    else if (code === LINE_FEED) return -1;
  }
  return -1;
};

const skipWhiteSpace = (text: string, start: number): number => {
  let next = start;
  while (/\s/.test(text.charAt(next))) next += 1;
  return next;
};

/** Whether an object or array of objects may start here. Cheaper than the error that `JSON.parse` creates. */
const mayBeObjects = (text: string, start: number): boolean => {
  const next = skipWhiteSpace(text, start + 1);
  const code = text.charCodeAt(next);
  if (text.charCodeAt(start) !== OPEN_OBJECT) return code === OPEN_OBJECT && mayBeObjects(text, next);
  if (code === CLOSE_OBJECT) return true;
  const keyEnd = code === QUOTE ? endOfString(text, next, text.length) : -1;
  return keyEnd >= 0 && text.charCodeAt(skipWhiteSpace(text, keyEnd)) === COLON;
};

/** Position after the object or array that starts at `start`. -1 if its brackets are not closed before `limit`. */
const endOfValue = (text: string, start: number, limit: number): number => {
  let depth = 0;
  for (let i = start; i < limit; i += 1) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i, limit) - 1;
        if (i < 0) return -1;
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1;
        if (depth === 0) return i + 1;
        break;
    }
  }
  return -1;
};

/** The objects of a JSON text: itself, or the elements of a list of objects. `undefined` for any other text. */
const toObjects = (raw: string): readonly Segment[] | undefined => {
  const json = parseJson(raw);
  if (!json.ok) return json.violation === undefined ? undefined : [{ kind: "invalid", violation: json.violation, raw }];
  const { value } = json;
  if (isObject(value)) return [{ kind: "object", object: value, raw }];
  if (!Array.isArray(value) || value.length === 0 || !value.every(isObject)) return undefined;
  return value.map((object) => ({ kind: "object", object, raw: JSON.stringify(object) }));
};

class Splitter {
  readonly #text: string;
  readonly #joinsLines: boolean;
  readonly #segments: Segment[] = [];
  /** Lines that are not a segment yet. */
  #lines: string[] = [];
  #scansLeft: number;
  #parseErrorsLeft = MAX_PARSE_ERRORS;
  /** The end of the next flutter_logs record. Set when it has been searched for. */
  #flutterEnd = { start: -1, end: -1 };
  /** The position of the next line that starts a record. Set when it has been searched for. */
  #nextFlutter = -1;

  constructor(text: string, joinsLines: boolean) {
    this.#text = text;
    this.#joinsLines = joinsLines;
    this.#scansLeft = MAX_SCANS * text.length;
  }

  /** `undefined` for more than {@link MAX_SEGMENTS}. */
  split(): readonly Segment[] | undefined {
    const text = this.#text;
    let position = 0;
    while (position < text.length) {
      if (this.#segments.length > MAX_SEGMENTS) return undefined;
      const next = text.indexOf("\n", position);
      const lineEnd = next < 0 ? text.length : next;
      const structured = this.#readStructured(position, lineEnd);
      if (structured === undefined) {
        const line = text.slice(position, lineEnd).replace(/\r$/, "");
        if (line.trim() !== "") this.#addLine(line);
        position = lineEnd + 1;
      } else {
        this.#closeLines();
        for (const segment of structured.segments) this.#segments.push(segment);
        position = structured.end + 1;
      }
    }
    this.#closeLines();
    return this.#segments.length > MAX_SEGMENTS ? undefined : this.#segments;
  }

  /** A line whose format has fields is a segment, because it is an event. */
  #addLine(line: string): void {
    const mayJoin = this.#joinsLines && findLineFormat(line) === undefined;
    if (!mayJoin) this.#closeLines();
    this.#lines.push(line);
    if (!mayJoin) this.#closeLines();
  }

  #closeLines(): void {
    if (this.#lines.length > 0) this.#segments.push({ kind: "line", text: this.#lines.join("\n") });
    this.#lines = [];
  }

  /** `end` is the position of the line feed after the segments. `undefined` if the line is text. */
  #readStructured(lineStart: number, lineEnd: number): { segments: readonly Segment[]; end: number } | undefined {
    const text = this.#text;
    let start = lineStart;
    while (start < lineEnd && isSeparator(text.charCodeAt(start))) start += 1;
    const code = text.charCodeAt(start);
    if (start === lineEnd || (code !== OPEN_OBJECT && code !== OPEN_ARRAY)) return undefined;
    const values = this.#readValues(start, lineEnd);
    if (values !== undefined) return values;
    const end = this.#readFlutterEnd(start);
    if (end !== undefined)
      return { segments: [{ kind: "flutter", text: text.slice(start, end) }], end: this.#lineEnd(end) };
    const raw = text.slice(start, lineEnd).trimEnd();
    if (this.#parseErrorsLeft === 0 || !startsLikeObject(raw)) return undefined;
    const message =
      "This line starts like a JSON object but is not valid JSON. Send valid JSON, or text that does not start like an object.";
    return { segments: [{ kind: "invalid", violation: { reason: "invalid_json", message }, raw }], end: lineEnd };
  }

  #lineEnd(from: number): number {
    const end = this.#text.indexOf("\n", from);
    return end < 0 ? this.#text.length : end;
  }

  /** Reads values up to a line feed that follows one of them. */
  #readValues(start: number, lineEnd: number): { segments: readonly Segment[]; end: number } | undefined {
    const text = this.#text;
    const segments: Segment[] = [];
    let position = start;
    while (segments.length <= MAX_SEGMENTS) {
      if (this.#parseErrorsLeft === 0 || !mayBeObjects(text, position)) return undefined;
      const limit = this.#scansLeft > 0 ? text.length : Math.max(lineEnd, position);
      const end = endOfValue(text, position, limit);
      if (limit > lineEnd) this.#scansLeft -= (end < 0 ? limit : end) - position;
      if (end < 0) return undefined;
      const objects = toObjects(text.slice(position, end));
      if (objects === undefined) {
        this.#parseErrorsLeft -= 1;
        return undefined;
      }
      for (const object of objects) segments.push(object);
      position = end;
      while (position < text.length && isSeparator(text.charCodeAt(position))) position += 1;
      const code = text.charCodeAt(position);
      if (position === text.length || code === LINE_FEED) return { segments, end: position };
      if (code !== OPEN_OBJECT && code !== OPEN_ARRAY) return undefined;
    }
    return { segments, end: text.length };
  }

  /** Position after the record that starts at `start`. `undefined` if another record starts before this one ends. */
  #readFlutterEnd(start: number): number | undefined {
    const text = this.#text;
    FLUTTER_START.lastIndex = start;
    if (!FLUTTER_START.test(text)) return undefined;
    const from = FLUTTER_START.lastIndex;
    if (this.#flutterEnd.start < from) {
      FLUTTER_END.lastIndex = from;
      const match = FLUTTER_END.exec(text);
      this.#flutterEnd =
        match === null
          ? { start: Number.POSITIVE_INFINITY, end: text.length }
          : { start: match.index, end: match.index + match[0].length };
    }
    const { start: endStart, end } = this.#flutterEnd;
    if (endStart === Number.POSITIVE_INFINITY) return undefined;
    if (this.#nextFlutter < from) {
      NEXT_FLUTTER_START.lastIndex = from;
      this.#nextFlutter = NEXT_FLUTTER_START.exec(text)?.index ?? Number.POSITIVE_INFINITY;
    }
    return this.#nextFlutter < endStart ? undefined : end;
  }
}

/**
 * Returns the segments of a text. A line of values that are not all objects, or lists of objects, is a line of text. If there are more
 * than {@link MAX_SEGMENTS}, lines of text that follow each other are one segment. `undefined` if there are still more.
 *
 * @example
 * ```ts
 * splitText('Debugger attached.\n{"body":"a"}{"body":"b"}');
 * // a line, and two objects
 * ```
 */
export const splitText = (text: string): readonly Segment[] | undefined =>
  new Splitter(text, false).split() ?? new Splitter(text, true).split();
