/**
 * Collects the terms of the attributes that have no typed field. Facets and comparisons use these terms.
 * The name of a nested value is its path; each item of a list becomes a term.
 */
import { MAX_VALUE_TERMS, MAX_VALUE_TERMS_LENGTH } from "#contract/wire/limits.ts";
import { ExactNumber } from "#contract/check/exact-number.ts";
import { toValueTerm } from "#contract/store/value-terms.ts";

/** Terms within the limits of one document, and the number of terms that exceed them. */
export interface ValueTerms {
  readonly terms: readonly string[];
  readonly omitted: number;
  /** Whether one of the values is a number that a double cannot represent. It is stored as a text. */
  readonly hasExactNumbers: boolean;
}

interface Collection {
  readonly terms: string[];
  length: number;
  omitted: number;
  hasExactNumbers: boolean;
}

const add = (collection: Collection, term: string): void => {
  const length = collection.length + term.length;
  if (collection.terms.length >= MAX_VALUE_TERMS || length > MAX_VALUE_TERMS_LENGTH) {
    collection.omitted += 1;
    return;
  }
  collection.terms.push(term);
  collection.length = length;
};

const collectInto = (collection: Collection, name: string, value: unknown): void => {
  if (value instanceof ExactNumber) collection.hasExactNumbers = true;
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) {
    const term = toValueTerm(name, value);
    if (term !== undefined) add(collection, term);
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) collectInto(collection, name, item);
    return;
  }
  for (const key in value) collectInto(collection, `${name}.${key}`, (value as Record<string, unknown>)[key]);
};

/**
 * Returns the terms of an attribute map, followed by the terms in `others`, up to {@link MAX_VALUE_TERMS} and
 * {@link MAX_VALUE_TERMS_LENGTH}. The recursion is bounded because `checkAttributes` has limited the depth.
 *
 * @param others Terms of another map of the same document.
 */
export const collectValueTerms = (attributes: unknown, others?: ValueTerms): ValueTerms => {
  const collection: Collection = { terms: [], length: 0, omitted: 0, hasExactNumbers: false };
  if (typeof attributes === "object" && attributes !== null) {
    for (const key in attributes) collectInto(collection, key, (attributes as Record<string, unknown>)[key]);
  }
  if (others !== undefined) {
    collection.omitted += others.omitted;
    if (others.hasExactNumbers) collection.hasExactNumbers = true;
    for (const term of others.terms) add(collection, term);
  }
  return collection;
};
