/** Autocompletion in the query: finds the field name or value at the caret, and inserts the chosen suggestion. Pure. */
import { formatQuery } from "#contract/query/format.ts";
import { readToken, type Token } from "#contract/query/tokens.ts";

/** Range of the query that a suggestion replaces, in UTF-16 code units. */
interface TextRange {
  readonly start: number;
  readonly end: number;
  /** Text from `start` to the caret, without quotes and backslashes. */
  readonly typed: string;
}

export type Completion =
  | (TextRange & { readonly kind: "field" })
  | (TextRange & { readonly kind: "value"; /** Field name of the query language. */ readonly field: string });

type Word = Extract<Token, { kind: "word" }>;

const unquote = (text: string): string =>
  text
    .replace(/^"/, "")
    .replace(/"$/, "")
    .replaceAll(/\\([^])/g, "$1");

/** Comparisons apply to numbers and times, for which there are no suggestions. */
const isComparison = (text: string): boolean => /^[<>]/.test(text);

const valueAt = (text: string, caret: number, field: string, start: number): Completion | undefined => {
  const token = readToken(text, start, true);
  // Nothing typed after the colon yet.
  if (token.kind === "end" || token.offset > start) {
    return caret === start ? { kind: "value", field, start, end: start, typed: "" } : undefined;
  }
  if (token.kind !== "word" && token.kind !== "unclosed") return undefined;
  const typed = text.slice(start, caret);
  if (isComparison(typed)) return undefined;
  return { kind: "value", field, start, end: start + token.length, typed: unquote(typed) };
};

const endOf = ({ offset, length }: Token): number => offset + length;

/** The field name or value at `caret`; `undefined` if there is nothing to complete. */
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
      // The words in `field:( … )` are values of that field.
      name = isGroup ? token : undefined;
      position = isGroup ? value.offset + 1 : valueEnd;
      continue;
    }
    if (token.kind === ")") name = undefined;
    if (caret > token.offset && caret <= end && (token.kind === "word" || token.kind === "unclosed")) {
      const typed = unquote(text.slice(token.offset, caret));
      const range = { start: token.offset, end, typed };
      if (name !== undefined) return { kind: "value", field: name.text, ...range };
      return token.kind === "unclosed" ? undefined : { kind: "field", ...range };
    }
    if (end >= caret && end > position) return undefined;
    position = end;
  }
  return undefined;
};

const NO_SPAN = { offset: 0, length: 0 };

/** Replaces the text at the caret with `choice`. Returns the new query and the new caret position. */
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
    span: NO_SPAN,
    valueSpan: NO_SPAN,
  });
  const written = kind === "field" ? term.slice(0, -1) : term.slice("x:".length);
  const rest = text.slice(end);
  const hasColon = kind === "field" && rest.startsWith(":");
  const space = kind === "value" && !/^[\s)]/.test(rest) ? " " : "";
  const before = text.slice(0, start) + (hasColon ? written.slice(0, -1) : written) + space;
  return { text: before + rest, caret: before.length + (hasColon ? 1 : 0) };
};
