/**
 * Splits a query into tokens, one at a time. Also decides whether a colon or a comparison separates a field's name from its
 * value, or is part of the text.
 */
import { isPastedLocation } from "./pasted-location.ts";
import { findField } from "./fields.ts";
import type { Span } from "./ast.ts";

/** The characters between a field's name and its value. `==` is the same as `=`. */
export type Separator = ":" | "=" | "==" | "!=" | ">=" | "<=" | ">" | "<";

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
        /** Whether this is the name of a field, followed by a separator. */
        readonly isName: boolean;
        /** The separator after the name of a field, which starts directly after the token. */
        readonly separator: Separator | undefined;
        /** Removes the backslashes from a substring of `raw`. */
        readonly unescape: (part: string) => string;
      }
  );

const OPERATORS: ReadonlyMap<string, "and" | "or" | "not"> = new Map([
  ["AND", "and"],
  ["OR", "or"],
  ["NOT", "not"],
  ["&&", "and"],
  ["||", "or"],
]);

const SPACE = /\s/;
const NAME = /^[\p{L}_@][^\s:*?"()\\<>=!]*$/u;

/** A backslash before a letter or digit is an ordinary character, as in `C:\Users`. */
const ESCAPE = /\\([^\p{L}\p{N}])/gu;

/** An operator word that is searched for as text. */
const ESCAPED_OPERATOR = /^\\(AND|OR|NOT)$/;

/** The closing quote for each opening quote. */
const QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "`": "`",
  "“": "”",
  "”": "”",
  "„": "“”",
  "«": "»",
  "‘": "’",
};

const unescape = (part: string): string => part.replace(ESCAPED_OPERATOR, "$1").replaceAll(ESCAPE, "$1");

/** Keeps the backslash before a literal `*`, `?` or `\`. A backslash at the end of the text is literal. */
export const toPattern = (raw: string): string | undefined => {
  if (!/[*?]/.test(raw.replaceAll(ESCAPE, ""))) return undefined;
  return raw.replaceAll(/\\([^]?)/gu, (whole, character: string) => {
    if (character === "" || /[\p{L}\p{N}]/u.test(character)) return `\\\\${character}`;
    return /[*?\\]/.test(character) ? whole : character;
  });
};

/** Whether the colon at `colon` separates a name from its value. */
const isColonSeparator = (text: string, name: string, colon: number, isQuoted: boolean): boolean => {
  if (text[colon] !== ":") return false;
  const next = text[colon + 1];
  if (next === undefined || SPACE.test(next)) return findField(name) !== undefined;
  if (next === ":" || text.startsWith("//", colon + 1)) return false;
  return isQuoted || findField(name) !== undefined || !isPastedLocation(name, text.slice(colon + 1));
};

/** A comparison directly after the name of a known field: `status>=400`, `level=error`. */
const readComparison = (text: string, name: string, position: number): Separator | undefined => {
  if (findField(name) === undefined) return undefined;
  const [separator] = /^(?:[=!><]=|[=><])(?=\s*[^\s=<>])/.exec(text.slice(position)) ?? [];
  return separator as Separator | undefined;
};

const toQuoted = (text: string, start: number, end: number, isValue: boolean): Token => {
  const raw = text.slice(start + 1, end);
  const name = raw.replaceAll(ESCAPE, "$1");
  const isName = !isValue && name !== "" && isColonSeparator(text, name, end + 1, true);
  return {
    kind: "word",
    offset: start,
    length: end + 1 - start,
    raw,
    text: name,
    pattern: undefined,
    isQuoted: true,
    isName,
    separator: isName ? ":" : undefined,
    unescape,
  };
};

const readQuoted = (text: string, start: number, isValue: boolean): Token => {
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  if (end >= text.length) return { kind: "unclosed", offset: start, length: text.length - start };
  return toQuoted(text, start, end, isValue);
};

/**
 * Text in other quotes, such as `'payment failed'`. They are ordinary characters unless the closing quote ends a word:
 * apostrophes are more frequent.
 */
const readOtherQuotes = (text: string, start: number, isValue: boolean): Token | undefined => {
  const closing = QUOTES[text.charAt(start)];
  if (closing === undefined) return undefined;
  for (let end = start + 2; end < text.length; end += 1) {
    const next = text[end + 1];
    if (!closing.includes(text.charAt(end)) || (next !== undefined && !/[\s)]/.test(next))) continue;
    return toQuoted(text, start, end, isValue);
  }
  return undefined;
};

const readBare = (text: string, start: number, isValue: boolean): Token => {
  let end = start;
  let separator: Separator | undefined;
  while (end < text.length && separator === undefined) {
    const character = text.charAt(end);
    // An empty pair of parentheses is part of the word, as in `checkout()`.
    if (end > start && text.startsWith("()", end)) {
      end += 2;
      continue;
    }
    if (SPACE.test(character) || '()"'.includes(character)) break;
    if (":=!<>".includes(character) && !isValue) {
      const name = text.slice(start, end);
      if (NAME.test(name)) {
        separator = isColonSeparator(text, name, end, false) ? ":" : readComparison(text, name, end);
        if (separator !== undefined) break;
      }
    }
    end += character === "\\" && end + 1 < text.length ? 2 : 1;
  }
  const raw = text.slice(start, end);
  const span = { offset: start, length: end - start };
  const operator = isValue || separator !== undefined ? undefined : OPERATORS.get(raw);
  if (operator !== undefined) return { kind: operator, ...span };
  const isName = separator !== undefined;
  return {
    kind: "word",
    ...span,
    raw,
    text: unescape(raw),
    pattern: isName ? undefined : toPattern(raw),
    isQuoted: false,
    isName,
    separator,
    unescape,
  };
};

/** `-` and `!` negate the word, quote or group that follows directly. `!=` and `!!` are text. */
const isNegation = (first: string, next: string | undefined): boolean => {
  if (next === undefined || SPACE.test(next)) return false;
  return first === "-" || (first === "!" && !/[=!)]/.test(next));
};

/**
 * Reads the next token at or after `position`.
 *
 * @param isValue Whether the token follows a field's separator. `-`, `!` and `:` are then ordinary characters.
 */
export const readToken = (text: string, position: number, isValue = false): Token => {
  let start = position;
  while (start < text.length && SPACE.test(text.charAt(start))) start += 1;
  // Lucene's sign for a required word. All words are required, so it has no effect.
  if (!isValue && text[start] === "+" && /[\p{L}"(]/u.test(text.charAt(start + 1))) start += 1;
  const first = text[start];
  if (first === undefined) return { kind: "end", offset: text.length, length: 0 };
  if (first === "(" || first === ")") return { kind: first, offset: start, length: 1 };
  if (first === '"') return readQuoted(text, start, isValue);
  if (!isValue && isNegation(first, text[start + 1])) return { kind: "not", offset: start, length: 1 };
  return readOtherQuotes(text, start, isValue) ?? readBare(text, start, isValue);
};
