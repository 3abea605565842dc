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

/** The query that matches all nodes. */
const formatAll = (nodes: readonly QueryNode[]): string => {
  const [only] = nodes;
  if (only === undefined) return "";
  return formatQuery(nodes.length === 1 ? only : { kind: "and", nodes });
};

type FieldNode = Extract<QueryNode, { kind: "field" }>;

/** The conditions `field:a OR field:b` of a term, or the single condition; `undefined` for any other term. */
const toAlternatives = (term: QueryNode, field: string): readonly FieldNode[] | undefined => {
  const nodes = term.kind === "or" ? term.nodes : [term];
  const isOfField = (node: QueryNode): node is FieldNode =>
    node.kind === "field" && node.field === field && node.match.op === "is";
  return nodes.every(isOfField) ? nodes : undefined;
};

/** The values of `field` of which `q` includes logs; empty if it does not restrict the field to a list of values. */
const includedValues = (q: string, field: string): readonly FieldNode[] =>
  termsOf(q).flatMap((term) => toAlternatives(term, field) ?? []);

const isSame = (a: QueryNode, b: QueryNode): boolean => formatQuery(a) === formatQuery(b);

/** Whether `q` already includes or excludes the value. */
export const hasValue = (q: string, field: string, value: string, mode: FilterMode): boolean => {
  const node = toNode(field, value, mode);
  if (mode === "include") return includedValues(q, field).some((known) => isSame(known, node));
  return termsOf(q).some((term) => isSame(term, node));
};

/**
 * Adds the value to those of the field that `q` includes, or removes it if `q` includes it already: several included values
 * are alternatives. An excluded value is a separate term. The opposite term is removed.
 */
export const toggleValue = (q: string, field: string, value: string, mode: FilterMode): string => {
  const [include, exclude] = [toNode(field, value, "include"), toNode(field, value, "exclude")];
  const isPresent = hasValue(q, field, value, mode);
  const others = termsOf(q).filter((term) => toAlternatives(term, field) === undefined && !isSame(term, exclude));
  const included = includedValues(q, field).filter((node) => !isSame(node, include));
  const values: readonly QueryNode[] = mode === "include" && !isPresent ? [...included, include] : included;
  const nodes = [
    ...others,
    ...(values.length > 1 ? [{ kind: "or", nodes: values } as const] : values),
    ...(mode === "exclude" && !isPresent ? [exclude] : []),
  ];
  return formatAll(nodes);
};

/** `q` without the values of `field` that it includes, to count the other values. */
export const withoutIncluded = (q: string, field: string): string => {
  if (includedValues(q, field).length === 0) return q;
  const nodes = termsOf(q).filter((term) => toAlternatives(term, field) === undefined);
  return formatAll(nodes);
};

/** `q` restricted to logs without `field`. */
export const withoutField = (q: string, field: string): string =>
  and(q, { kind: "not", node: toField(field, { op: "exists" }) });

/** `q` restricted to logs with at least one of `fields`. */
export const withAnyField = (q: string, fields: readonly string[]): string =>
  and(q, { kind: "or", nodes: fields.map((field) => toField(field, { op: "exists" })) });

/** The longest relative time; see parse-time.ts. */
const MAX_SECONDS = 999_999;

/** `q` restricted to logs that arrived in the last `seconds`. */
export const withArrivalSince = (q: string, seconds: number): string =>
  and(q, toField("observed", { op: "compare", comparison: ">", value: `now-${Math.min(seconds, MAX_SECONDS)}s` }));
