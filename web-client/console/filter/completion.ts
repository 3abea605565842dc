/**
 * What could stand at the caret of a query: the name of a field, or a value of one. Pure.
 */
import { formatQuery } from "#contract/query/format.ts";
import { readToken, type Token } from "#contract/query/tokens.ts";

/** A part of the query that a suggestion replaces: UTF-16 code units. */
interface Place {
  readonly start: number;
  readonly end: number;
  /** What is typed of it up to the caret, without quotes and backslashes. */
  readonly typed: string;
}

export type Completion =
  | (Place & { readonly kind: "field" })
  | (Place & { readonly kind: "value"; /** Name of the query language. */ readonly field: string });

type Word = Extract<Token, { kind: "word" }>;

const unquote = (text: string): string =>
  text
    .replace(/^"/, "")
    .replace(/"$/, "")
    .replaceAll(/\\([^])/g, "$1");

/** Comparison signs belong to numbers and times, which are not completed. */
const isComparison = (text: string): boolean => /^[<>]/.test(text);

const valueAt = (text: string, caret: number, field: string, start: number): Completion | undefined => {
  const token = readToken(text, start, true);
  // Behind the colon there is nothing yet.
  if (token.kind === "end" || token.offset > start) {
    return caret === start ? { kind: "value", field, start, end: start, typed: "" } : undefined;
  }
  if (token.kind !== "word" && token.kind !== "unclosed") return undefined;
  const typed = text.slice(start, caret);
  if (isComparison(typed)) return undefined;
  return { kind: "value", field, start, end: start + token.length, typed: unquote(typed) };
};

const endOf = ({ offset, length }: Token): number => offset + length;

/** What is typed at `caret`; `undefined` where nothing is to be offered. */
export const completionAt = (text: string, caret: number): Completion | undefined => {
  let position = 0;
  let name: Word | undefined;
  while (position <= caret) {
    const token = readToken(text, position);
    const end = endOf(token);
    if (token.kind === "end") return undefined;
    if (token.kind === "word" && token.isName && caret > end) {
      const start = end + 1;
      const value = readToken(text, start, true);
      const isGroup = value.kind === "(";
      const valueEnd = value.offset === start && !isGroup ? endOf(value) : start;
      if (caret >= start && caret <= valueEnd) return valueAt(text, caret, token.text, start);
      // The words of `field:( … )` are values of it.
      name = isGroup ? token : undefined;
      position = isGroup ? value.offset + 1 : valueEnd;
      continue;
    }
    if (token.kind === ")") name = undefined;
    if (caret > token.offset && caret <= end && (token.kind === "word" || token.kind === "unclosed")) {
      const typed = unquote(text.slice(token.offset, caret));
      const place = { start: token.offset, end, typed };
      if (name !== undefined) return { kind: "value", field: name.text, ...place };
      return token.kind === "unclosed" ? undefined : { kind: "field", ...place };
    }
    if (end >= caret && end > position) return undefined;
    position = end;
  }
  return undefined;
};

const NOWHERE = { offset: 0, length: 0 };

/** The query with `choice` in place of what was typed, and where the caret stands then. */
export const complete = (
  text: string,
  { kind, start, end }: Completion,
  choice: string,
): { readonly text: string; readonly caret: number } => {
  const [field, value] = kind === "field" ? [choice, "x"] : ["x", choice];
  const isPhrase = /[^\p{L}\p{N}_@./+-]|^-|\.\./u.test(value);
  const term = formatQuery({
    kind: "field",
    field,
    match: { op: "is", value, isPhrase },
    span: NOWHERE,
    valueSpan: NOWHERE,
  });
  const written = kind === "field" ? term.slice(0, -1) : term.slice("x:".length);
  const rest = text.slice(end);
  const isColonThere = kind === "field" && rest.startsWith(":");
  const space = kind === "value" && !/^[\s)]/.test(rest) ? " " : "";
  const before = text.slice(0, start) + (isColonThere ? written.slice(0, -1) : written) + space;
  return { text: before + rest, caret: before.length + (isColonThere ? 1 : 0) };
};
