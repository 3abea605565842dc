/**
 * Patterns in text fields. OpenSearch compares a pattern with single words of the index, so a pattern with separators becomes
 * one pattern for each of its words.
 */
import { allOf, anyOf, wildcard, type Clause } from "./clauses.ts";

/** Characters that can be part of a word, and wildcards. */
const WORD = /[\p{L}\p{N}\p{M}\p{Extended_Pictographic}*?]+/gu;

/** A character after a backslash. It is literal, and separates words. */
const LITERAL = /\\[^]/gu;

/** As the analyzer of the index folds words. Other letters keep their accents and are compared as they are. */
const fold = (pattern: string): string => pattern.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();

/**
 * Matches texts with words that match the words of a pattern: `java.lang.Null*` matches texts with `java`, `lang` and a word
 * that begins with `null`. Indices of older versions contain the text between spaces as one word, so the whole pattern is
 * compared, too.
 *
 * @param pattern In OpenSearch's wildcard syntax.
 */
export const matchTextPattern = (path: string, pattern: string): Clause => {
  const words = [...pattern.replaceAll(LITERAL, " ").matchAll(WORD)]
    .map(([word]) => fold(word))
    .filter((word) => !/^\*+$/.test(word));
  const whole = wildcard(path, pattern, true);
  const [only] = words;
  if (only === undefined || (words.length === 1 && only === pattern.toLowerCase())) return whole;
  return anyOf([whole, allOf(words.map((word) => wildcard(path, word, true)))]);
};
