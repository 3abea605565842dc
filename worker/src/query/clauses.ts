/**
 * Clauses of OpenSearch's query DSL. All are filters, so OpenSearch computes no scores.
 */
export type Clause = Readonly<Record<string, unknown>>;

export const MATCH_ALL: Clause = { match_all: {} };
export const MATCH_NONE: Clause = { match_none: {} };

export const allOf = (clauses: readonly Clause[]): Clause => {
  const [only] = clauses;
  if (only === undefined) return MATCH_ALL;
  return clauses.length === 1 ? only : { bool: { filter: clauses } };
};

export const anyOf = (clauses: readonly Clause[]): Clause => {
  const [only] = clauses;
  if (only === undefined) return MATCH_NONE;
  return clauses.length === 1 ? only : { bool: { should: clauses, minimum_should_match: 1 } };
};

export const noneOf = (clause: Clause): Clause => ({ bool: { must_not: [clause] } });

export const term = (field: string, value: string | number): Clause => ({ term: { [field]: { value } } });
export const range = (field: string, bounds: Readonly<Record<string, unknown>>): Clause => ({
  range: { [field]: bounds },
});
export const exists = (field: string): Clause => ({ exists: { field } });

/** Matches the words of `query` in this order in a text field. */
export const phrase = (field: string, query: string): Clause => ({ match_phrase: { [field]: { query } } });

export const wildcard = (field: string, value: string, isCaseInsensitive = false): Clause => ({
  wildcard: { [field]: { value, ...(isCaseInsensitive ? { case_insensitive: true } : {}) } },
});

/** Matches any of the values. OpenSearch counts it as one clause, however many values there are. */
export const terms = (field: string, values: readonly (string | number)[]): Clause => {
  const [only] = values;
  return only !== undefined && values.length === 1 ? term(field, only) : { terms: { [field]: values } };
};

/** Number of clauses without those that only contain others. OpenSearch refuses a search with more than 1,024. */
export const countClauses = (clause: Clause): number => {
  const { bool } = clause as { readonly bool?: Readonly<Record<string, unknown>> };
  if (bool === undefined) return 1;
  return Object.values(bool)
    .filter((inner) => Array.isArray(inner))
    .flat()
    .reduce((sum: number, inner: Clause) => sum + countClauses(inner), 0);
};
