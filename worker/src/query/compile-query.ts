/**
 * From a query's tree to OpenSearch's query DSL. Pure. Text never becomes a query string of OpenSearch's own.
 */
import { findField } from "#contract/query/fields.ts";
import { parseQuery } from "#contract/query/parse.ts";
import type { QueryError, QueryNode } from "#contract/query/ast.ts";
import { allOf, anyOf, MATCH_ALL, noneOf, phrase, term, wildcard, type Clause } from "./clauses.ts";
import { compileAttribute, compileKnown, InvalidValue, type FieldNode } from "./compile-field.ts";

/** Where words without a field are looked for. */
const TEXT_PATHS = ["body", "exception.message", "exception.stacktrace"] as const;

/** Where a whole value without a field is looked for: what people paste. */
const VALUE_PATHS = [
  "log.record.uid",
  "attributes",
  "resource.attributes",
  "resource.service.name",
  "resource.deployment.environment.name",
  "resource.device.id",
  "resource.device.name",
  "resource.device.model.name",
  "user.id",
  "user.name",
  "user.email",
  "session.id",
  "organization.id",
  "traceId",
  "http.request.method",
  "url.path",
  "log.tag",
  "log.subtag",
  "exception.type",
  "error.grouping_key",
] as const;

const compileWords = ({ match }: Extract<QueryNode, { kind: "text" }>): Clause => {
  if (match.op === "is") {
    return anyOf([
      ...TEXT_PATHS.map((path) => phrase(path, match.value)),
      ...VALUE_PATHS.map((path) => term(path, match.value)),
    ]);
  }
  if (/^\*+$/.test(match.pattern)) return MATCH_ALL;
  // A pattern over every attribute would walk all terms there are: it is for words, and for what has a name.
  const named = VALUE_PATHS.filter((path) => path !== "attributes" && path !== "resource.attributes");
  return anyOf([
    ...TEXT_PATHS.map((path) => wildcard(path, match.pattern, true)),
    ...named.map((path) => wildcard(path, match.pattern)),
  ]);
};

/** A short name may be an attribute's as well: what does not fit the field may still be found there. */
const compileField = (node: FieldNode): Clause => {
  const field = findField(node.field);
  if (field === undefined) return compileAttribute(node);
  const known = compileKnown(node, field);
  return field.isReserved ? known : anyOf([known, ...tryAttribute(node)]);
};

const tryAttribute = (node: FieldNode): readonly Clause[] => {
  try {
    return [compileAttribute(node)];
  } catch (error) {
    if (error instanceof InvalidValue) return [];
    throw error;
  }
};

const compileNode = (node: QueryNode): Clause => {
  switch (node.kind) {
    case "and":
      return allOf(node.nodes.map(compileNode));
    case "or":
      return anyOf(node.nodes.map(compileNode));
    case "not":
      return noneOf(compileNode(node.node));
    case "text":
      return compileWords(node);
    case "field":
      return compileField(node);
  }
};

export type CompiledQuery =
  | { readonly ok: true; readonly clause: Clause }
  | { readonly ok: false; readonly error: QueryError };

/** The clause that a query means, or which of its characters are in the way. */
export const compileQuery = (text: string): CompiledQuery => {
  const parsed = parseQuery(text);
  if (!parsed.ok) return parsed;
  try {
    return { ok: true, clause: parsed.query === undefined ? MATCH_ALL : compileNode(parsed.query) };
  } catch (error) {
    if (error instanceof InvalidValue) return { ok: false, error: error.error };
    throw error;
  }
};
