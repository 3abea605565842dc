/** Adds terms to a query and removes them, for clicks on values. */
import { formatQuery } from "#contract/query/format.ts";
import { parseQuery } from "#contract/query/parse.ts";
import type { Match, QueryNode } from "#contract/query/ast.ts";

/** Nodes that are built here have no position in a query text. */
const NO_SPAN = { offset: 0, length: 0 } as const;

/** Values that need no quotes. */
const UNQUOTED = /^[\w./@%+#-]+$/;

const toField = (field: string, match: Match): QueryNode => ({
  kind: "field",
  field,
  match,
  span: NO_SPAN,
  valueSpan: NO_SPAN,
});

const and = (q: string, node: QueryNode): string => {
  const parsed = parseQuery(q);
  // An invalid query would make the new term invalid, too: replace it.
  if (!parsed.ok || parsed.query === undefined) return formatQuery(node);
  const nodes = parsed.query.kind === "and" ? parsed.query.nodes : [parsed.query];
  const text = formatQuery(node);
  return nodes.some((known) => formatQuery(known) === text) ? q : formatQuery({ kind: "and", nodes: [...nodes, node] });
};

const toValue = (field: string, value: string): QueryNode =>
  toField(field, { op: "is", value, isPhrase: !UNQUOTED.test(value) || value.startsWith("-") || value.includes("..") });

/** `q` restricted to logs whose `field` has this value. */
export const withValue = (q: string, field: string, value: string): string => and(q, toValue(field, value));

export type FilterMode = "include" | "exclude";

const toNode = (field: string, value: string, mode: FilterMode): QueryNode => {
  const node = toValue(field, value);
  return mode === "include" ? node : { kind: "not", node };
};

/** The terms of `q` that are joined by AND. */
const termsOf = (q: string): readonly QueryNode[] => {
  const parsed = parseQuery(q);
  if (!parsed.ok || parsed.query === undefined) return [];
  return parsed.query.kind === "and" ? parsed.query.nodes : [parsed.query];
};

/** Whether `q` already includes or excludes the value. */
export const hasValue = (q: string, field: string, value: string, mode: FilterMode): boolean => {
  const text = formatQuery(toNode(field, value, mode));
  return termsOf(q).some((term) => formatQuery(term) === text);
};

/** Adds the term to `q`, or removes it if `q` has it already. The opposite term is removed in both cases. */
export const toggleValue = (q: string, field: string, value: string, mode: FilterMode): string => {
  const node = toNode(field, value, mode);
  const sameValue = new Set([
    formatQuery(toNode(field, value, "include")),
    formatQuery(toNode(field, value, "exclude")),
  ]);
  const others = termsOf(q).filter((term) => !sameValue.has(formatQuery(term)));
  const nodes = hasValue(q, field, value, mode) ? others : [...others, node];
  return nodes.length === 0 ? "" : formatQuery({ kind: "and", nodes });
};

/** `q` restricted to logs without `field`. */
export const withoutField = (q: string, field: string): string =>
  and(q, { kind: "not", node: toField(field, { op: "exists" }) });

/** `q` restricted to logs with at least one of `fields`. */
export const withAnyField = (q: string, fields: readonly string[]): string =>
  and(q, { kind: "or", nodes: fields.map((field) => toField(field, { op: "exists" })) });
