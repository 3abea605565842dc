/** Terms of the query language for what is clicked on. */
import { formatQuery } from "../../../contract/format-query.ts";
import { parseQuery } from "../../../contract/parse-query.ts";
import type { Match, QueryNode } from "../../../contract/query-ast.ts";

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

/** `q`, and this field has this value. */
export const withValue = (q: string, field: string, value: string): string =>
  and(q, toField(field, { op: "is", value, isPhrase: !PLAIN.test(value) }));

/** `q`, and this field is not there. */
export const withoutField = (q: string, field: string): string =>
  and(q, { kind: "not", node: toField(field, { op: "exists" }) });

/** `q`, and one of these fields is there. */
export const withAnyField = (q: string, fields: readonly string[]): string =>
  and(q, { kind: "or", nodes: fields.map((field) => toField(field, { op: "exists" })) });
