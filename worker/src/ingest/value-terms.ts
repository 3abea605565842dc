/**
 * Collects the values of attributes that have no field of their own, as terms by which they are counted and compared.
 * Names of nested values are their path; each value of a list is a term.
 */
import { toValueTerm } from "#contract/store/value-terms.ts";

const collectInto = (terms: string[], name: string, value: unknown): void => {
  if (typeof value !== "object" || value === null) {
    const term = toValueTerm(name, value);
    if (term !== undefined) terms.push(term);
    return;
  }
  if (Array.isArray(value)) {
    for (const part of value) collectInto(terms, name, part);
    return;
  }
  for (const key in value) collectInto(terms, `${name}.${key}`, (value as Record<string, unknown>)[key]);
};

/** The terms of a map of attributes. Depth is bounded: `checkAttributes` has been before. */
export const collectValueTerms = (attributes: unknown): readonly string[] => {
  const terms: string[] = [];
  if (typeof attributes !== "object" || attributes === null) return terms;
  for (const key in attributes) collectInto(terms, key, (attributes as Record<string, unknown>)[key]);
  return terms;
};
