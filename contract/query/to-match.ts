/** The condition that a word of a query expresses. */
import { MAX_PATTERN_WORK } from "#contract/wire/limits.ts";
import type { Comparison, Match } from "./ast.ts";
import { isComparable, type SearchField } from "./fields.ts";
import { isTooMuchWork } from "./pattern-work.ts";
import { failAt } from "./syntax-failure.ts";
import { toPattern, type Token } from "./tokens.ts";

export const COMPARISONS: readonly Comparison[] = [">=", "<=", ">", "<"];

export type Word = Extract<Token, { kind: "word" }>;

/** A range: `5..10`, `5..` or `..10`. `..` alone is text. */
const toRange = ({ raw, unescape }: Word): Match | undefined => {
  const dots = raw.indexOf("..");
  if (dots === -1 || raw.length === 2) return undefined;
  const end = (text: string): string | undefined => (text === "" || text === "*" ? undefined : unescape(text));
  const [from, to] = [end(raw.slice(0, dots)), end(raw.slice(dots + 2))];
  return from === undefined && to === undefined ? undefined : { op: "range", from, to };
};

/** Throws a `SyntaxFailure` for a pattern that is too complex. */
export const toWordMatch = (word: Word): Extract<Match, { op: "is" | "like" }> => {
  const { pattern } = word;
  if (pattern === undefined) return { op: "is", value: word.text, isPhrase: word.isQuoted };
  if (isTooMuchWork(pattern, MAX_PATTERN_WORK)) {
    const message =
      "This pattern is too complex. Use fewer ? and * after the first *, or quote the text to search for it.";
    throw failAt("too_complex", message, word);
  }
  return { op: "like", pattern };
};

/** `?` in a question or after a sentence, and not in a pattern such as `user-?`. */
const QUESTION_MARK = /(?<=^|[\p{L})\]!])\?+(?=(?:\\?[.,;:!?])*$)/u;

const escapeQuestionMarks = (text: string): string =>
  text.replaceAll(/\\[^]|\?/gu, (match) => (match === "?" ? String.raw`\?` : match));

/** Like {@link toWordMatch}, for words in text. There, `?` is punctuation in `still there?` and in `/items?page=2`. */
export const toTextMatch = (word: Word): Extract<Match, { op: "is" | "like" }> => {
  if (word.pattern === undefined) return toWordMatch(word);
  // Lucene's query for all documents.
  if (word.raw === "*:*") return { op: "like", pattern: "*" };
  if (/[/=]/.test(word.raw)) return toWordMatch({ ...word, pattern: toPattern(escapeQuestionMarks(word.raw)) });
  const isQuestion = toPattern(word.raw.replace(QUESTION_MARK, escapeQuestionMarks)) === undefined;
  return toWordMatch(isQuestion ? { ...word, pattern: undefined } : word);
};

/** `:=` and `:==` are the same as `:` for values with an order, which cannot begin with `=`. */
const EQUALS = /^==?(?=[^=])/;

export const toFieldMatch = (word: Word, field: SearchField | undefined): Match => {
  if (word.isQuoted) return toWordMatch(word);
  if (EQUALS.test(word.raw) && field !== undefined && isComparable(field)) {
    return { op: "is", value: word.unescape(word.raw.replace(EQUALS, "")), isPhrase: false };
  }
  const comparison = COMPARISONS.find((sign) => word.raw.startsWith(sign));
  if (comparison !== undefined) {
    const value = word.raw.slice(comparison.length);
    if (value === "") throw failAt("missing_value", `Add a value after ${comparison}.`, word);
    return { op: "compare", comparison, value: word.unescape(value) };
  }
  if (word.raw === "*" || word.raw === "*:*") return { op: "exists" };
  // Text has no order: `message:wait...` is a word.
  return field?.kind === "text" ? toTextMatch(word) : (toRange(word) ?? toWordMatch(word));
};
