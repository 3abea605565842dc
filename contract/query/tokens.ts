/**
 * Cuts a query into tokens, one at a time. Whether a colon ends a field's name is decided here.
 */
import { findField } from "./fields.ts";
import type { Span } from "./ast.ts";

export type Token = Span &
  (
    | { readonly kind: "end" | "(" | ")" | "and" | "or" | "not" | "unclosed" }
    | {
        readonly kind: "word";
        /** As it is written; without the quotes. */
        readonly raw: string;
        /** What is meant by it. */
        readonly text: string;
        /** In OpenSearch's wildcard syntax, where `*` or `?` stands in it unquoted. */
        readonly pattern: string | undefined;
        readonly isQuoted: boolean;
        /** A colon follows, and makes this the name of a field. */
        readonly isName: boolean;
        /** Takes the backslashes out of a part of `raw`. */
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

/** A backslash stays before what it takes the meaning of; one at the very end means itself. */
const toPattern = (raw: string): string | undefined => {
  if (!/[*?]/.test(raw.replaceAll(ESCAPE, ""))) return undefined;
  return raw.replaceAll(/\\([^]?)/g, (whole, character: string) =>
    character === "" ? "\\\\" : /[*?\\]/.test(character) ? whole : character,
  );
};

/** Whether the colon at `colon` is what parts a name from its value, rather than a part of the text. */
const isPartingColon = (text: string, name: string, colon: number): boolean => {
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
    isName: !isValue && name !== "" && isPartingColon(text, name, end + 1),
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
      isName = NAME.test(name) && isPartingColon(text, name, end);
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

/** The token at `position` or behind the space there. `isValue`: behind a colon, where `-` and `:` mean themselves. */
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
