/**
 * Terms of a query for one value of one field: what a click filters for or against.
 */
import { formatQuery } from "../../../contract/format-query.ts";
import { MAX_QUERY_LENGTH } from "../../../contract/limits.ts";
import { parseQuery } from "../../../contract/parse-query.ts";
import { filter, go } from "../address.ts";

/** What stands plainly in a query; all else is quoted, which reads better than backslashes. */
const PLAIN = /^[\p{L}\p{N}_@./+-]+$/u;

export type Stance = "for" | "against";

/** `field:value` or `-field:value`. */
export const toTerm = (field: string, value: string, stance: Stance): string => {
  const isPhrase = !PLAIN.test(value) || value.startsWith("-") || value.includes("..");
  const node = {
    kind: "field",
    field,
    match: { op: "is", value, isPhrase },
    span: NOWHERE,
    valueSpan: NOWHERE,
  } as const;
  return formatQuery(stance === "for" ? node : { kind: "not", node });
};

const NOWHERE = { offset: 0, length: 0 };

const findTerm = (q: string, term: string): number => ` ${q} `.indexOf(` ${term} `);

/** Whether the query asks for this already. */
export const hasTerm = (q: string, term: string): boolean => findTerm(q, term) !== -1;

const withoutTerm = (q: string, term: string): string => {
  const at = findTerm(q, term);
  return at === -1 ? q : `${q.slice(0, Math.max(0, at - 1))}${q.slice(at + term.length)}`.trim();
};

/** `q` with the term in it, or without it where it stood there; the opposite term gives way. */
export const toggleTerm = (q: string, field: string, value: string, stance: Stance): string => {
  const term = toTerm(field, value, stance);
  if (hasTerm(q, term)) return withoutTerm(q, term);
  const rest = withoutTerm(q, toTerm(field, value, stance === "for" ? "against" : "for"));
  const parsed = parseQuery(rest);
  if (!parsed.ok || parsed.query === undefined) return term;
  return parsed.query.kind === "or" ? `(${rest}) ${term}` : `${rest} ${term}`;
};

/** Whether a term for this value has room in a query. */
export const canFilter = (value: string): boolean => value.length <= MAX_QUERY_LENGTH / 4;

/** Filters for or against the value, or not any longer. */
export const toggleFilter = (field: string, value: string, stance: Stance): void =>
  go({ filter: { q: toggleTerm(filter.value.q, field, value, stance) } });
