/** A corrected query for one with a syntax error. Pure. */
import { MAX_QUERY_LENGTH } from "#contract/wire/limits.ts";
import type { QueryError } from "./ast.ts";
import { toPhrase } from "./format.ts";

const DANGLING_START = /^(?:\s*(?:AND|OR|&&|\|\|)(?=\s|$))+\s*/;
const DANGLING_END = /(?:\s+(?:AND|OR|NOT|&&|\|\|))+\s*$/;

const candidatesFor = (text: string, { reason }: QueryError): readonly string[] => {
  switch (reason) {
    case "unclosed_quote":
      return [`${text}"`];
    case "unclosed_group":
      return [`${text})`, `${text}))`];
    case "unexpected":
    case "missing_value":
      return [text.replace(DANGLING_START, "").replace(DANGLING_END, "")].filter((fixed) => fixed !== text);
    case "invalid_value":
    case "too_complex":
      return [];
  }
};

/**
 * The query in the most likely correct spelling, or all of it as a phrase; `undefined` if neither is valid.
 *
 * @param isValid Whether a query can be parsed.
 */
export const suggestCorrection = (
  text: string,
  error: QueryError,
  isValid: (corrected: string) => boolean,
): string | undefined =>
  [...candidatesFor(text, error), toPhrase(text.trim().replaceAll(/\s+/g, " "))].find(
    (corrected) => corrected.trim() !== "" && corrected.length <= MAX_QUERY_LENGTH && isValid(corrected),
  );
