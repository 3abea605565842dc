/**
 * Collects the terms of the attributes that have no typed field. Facets and comparisons use these terms.
 * The name of a nested value is its path; each item of a list becomes a term.
 */
import { toValueTerm } from "#contract/store/value-terms.ts";

const collectInto = (terms: string[], name: string, value: unknown): void => {
  if (typeof value !== "object" || value === null) {
    const term = toValueTerm(name, value);
    if (term !== undefined) terms.push(term);
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) collectInto(terms, name, item);
    return;
  }
  for (const key in value) collectInto(terms, `${name}.${key}`, (value as Record<string, unknown>)[key]);
};

/** Returns the terms of an attribute map. The recursion is bounded because `checkAttributes` has limited the depth. */
export const collectValueTerms = (attributes: unknown): readonly string[] => {
  const terms: string[] = [];
  if (typeof attributes !== "object" || attributes === null) return terms;
  for (const key in attributes) collectInto(terms, key, (attributes as Record<string, unknown>)[key]);
  return terms;
};
