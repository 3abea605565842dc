/** Terms of the query language for what is clicked on. */
import { formatQuery } from "#contract/query/format.ts";
import { parseQuery } from "#contract/query/parse.ts";
import type { Match, QueryNode } from "#contract/query/ast.ts";

const NOWHERE = { offset: 0, length: 0 } as const;

/** What needs no quotes to be read as one value. */
const PLAIN = /^[\w./@%+#-]+$/;

const toField = (field: string, match: Match): QueryNode => ({
  kind: "field",
  field,
  match,
  span: NOWHERE,
  valueSpan: NOWHERE,
});

const and = (q: string, node: QueryNode): string => {
  const parsed = parseQuery(q);
  // A query that can't be read would spoil the term.
  if (!parsed.ok || parsed.query === undefined) return formatQuery(node);
  const nodes = parsed.query.kind === "and" ? parsed.query.nodes : [parsed.query];
  const text = formatQuery(node);
  return nodes.some((known) => formatQuery(known) === text) ? q : formatQuery({ kind: "and", nodes: [...nodes, node] });
};

const toValue = (field: string, value: string): QueryNode =>
  toField(field, { op: "is", value, isPhrase: !PLAIN.test(value) || value.startsWith("-") || value.includes("..") });

/** `q`, and this field has this value. */
export const withValue = (q: string, field: string, value: string): string => and(q, toValue(field, value));

/** Whether a value is wanted, or not wanted. */
export type Stance = "for" | "against";

const toNode = (field: string, value: string, stance: Stance): QueryNode => {
  const node = toValue(field, value);
  return stance === "for" ? node : { kind: "not", node };
};

/** What has to hold of every log that `q` finds. */
const partsOf = (q: string): readonly QueryNode[] => {
  const parsed = parseQuery(q);
  if (!parsed.ok || parsed.query === undefined) return [];
  return parsed.query.kind === "and" ? parsed.query.nodes : [parsed.query];
};

/** Whether `q` says this of the value already. */
export const hasValue = (q: string, field: string, value: string, stance: Stance): boolean => {
  const text = formatQuery(toNode(field, value, stance));
  return partsOf(q).some((part) => formatQuery(part) === text);
};

/** `q` with the value wanted or not wanted, or neither where it said so already. */
export const toggleValue = (q: string, field: string, value: string, stance: Stance): string => {
  const node = toNode(field, value, stance);
  const about = new Set([formatQuery(toNode(field, value, "for")), formatQuery(toNode(field, value, "against"))]);
  const others = partsOf(q).filter((part) => !about.has(formatQuery(part)));
  const nodes = hasValue(q, field, value, stance) ? others : [...others, node];
  return nodes.length === 0 ? "" : formatQuery({ kind: "and", nodes });
};

/** `q`, and this field is not there. */
export const withoutField = (q: string, field: string): string =>
  and(q, { kind: "not", node: toField(field, { op: "exists" }) });

/** `q`, and one of these fields is there. */
export const withAnyField = (q: string, fields: readonly string[]): string =>
  and(q, { kind: "or", nodes: fields.map((field) => toField(field, { op: "exists" })) });
