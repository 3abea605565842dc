/**
 * Splits a query into tokens, one at a time. Also decides whether a colon separates a field's name from its value or is
 * part of the text.
 */
import { findField } from "./fields.ts";
import type { Span } from "./ast.ts";

export type Token = Span &
  (
    | { readonly kind: "end" | "(" | ")" | "and" | "or" | "not" | "unclosed" }
    | {
        readonly kind: "word";
        /** The text as written, without quotes. */
        readonly raw: string;
        /** The text without backslashes. */
        readonly text: string;
        /** The text in OpenSearch's wildcard syntax. `undefined` if it has no wildcard. */
        readonly pattern: string | undefined;
        readonly isQuoted: boolean;
        /** Whether this is the name of a field, followed by a colon. */
        readonly isName: boolean;
        /** Removes the backslashes from a substring of `raw`. */
        readonly unescape: (part: string) => string;
      }
  );

const OPERATORS: ReadonlyMap<string, "and" | "or" | "not"> = new Map([
  ["AND", "and"],
  ["OR", "or"],
  ["NOT", "not"],
]);

const SPACE = /\s/;
const NAME = /^[\p{L}_@][^\s:*?"()\\<>=]*$/u;
const ESCAPE = /\\([^])/g;

const unescape = (part: string): string => part.replaceAll(ESCAPE, "$1");

/** Keeps the backslash before a literal `*`, `?` or `\`. A backslash at the end of the text is literal. */
const toPattern = (raw: string): string | undefined => {
  if (!/[*?]/.test(raw.replaceAll(ESCAPE, ""))) return undefined;
  return raw.replaceAll(/\\([^]?)/g, (whole, character: string) =>
    character === "" ? "\\\\" : /[*?\\]/.test(character) ? whole : character,
  );
};

/** Whether the colon at `colon` separates a name from its value. */
const isNameSeparator = (text: string, name: string, colon: number): boolean => {
  if (text[colon] !== ":") return false;
  const next = text[colon + 1];
  if (next === undefined || SPACE.test(next)) return findField(name) !== undefined;
  return next !== ":" && !text.startsWith("//", colon + 1);
};

const readQuoted = (text: string, start: number, isValue: boolean): Token => {
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  if (end >= text.length) return { kind: "unclosed", offset: start, length: text.length - start };
  const raw = text.slice(start + 1, end);
  const name = unescape(raw);
  return {
    kind: "word",
    offset: start,
    length: end + 1 - start,
    raw,
    text: name,
    pattern: undefined,
    isQuoted: true,
    isName: !isValue && name !== "" && isNameSeparator(text, name, end + 1),
    unescape,
  };
};

const readBare = (text: string, start: number, isValue: boolean): Token => {
  let end = start;
  let isName = false;
  while (end < text.length) {
    const character = text.charAt(end);
    if (SPACE.test(character) || '()"'.includes(character)) break;
    if (character === ":" && !isValue) {
      const name = text.slice(start, end);
      isName = NAME.test(name) && isNameSeparator(text, name, end);
      if (isName) break;
    }
    end += character === "\\" && end + 1 < text.length ? 2 : 1;
  }
  const raw = text.slice(start, end);
  const span = { offset: start, length: end - start };
  const operator = isValue || isName ? undefined : OPERATORS.get(raw);
  if (operator !== undefined) return { kind: operator, ...span };
  return {
    kind: "word",
    ...span,
    raw,
    text: unescape(raw),
    pattern: isName ? undefined : toPattern(raw),
    isQuoted: false,
    isName,
    unescape,
  };
};

/**
 * Reads the next token at or after `position`.
 *
 * @param isValue Whether the token follows a field's colon. `-` and `:` are then ordinary characters.
 */
export const readToken = (text: string, position: number, isValue = false): Token => {
  let start = position;
  while (start < text.length && SPACE.test(text.charAt(start))) start += 1;
  const first = text[start];
  if (first === undefined) return { kind: "end", offset: text.length, length: 0 };
  if (first === "(" || first === ")") return { kind: first, offset: start, length: 1 };
  if (first === '"') return readQuoted(text, start, isValue);
  const next = text[start + 1];
  if (first === "-" && !isValue && next !== undefined && !SPACE.test(next)) {
    return { kind: "not", offset: start, length: 1 };
  }
  return readBare(text, start, isValue);
};
