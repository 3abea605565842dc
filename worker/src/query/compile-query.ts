/**
 * Compiles a query to OpenSearch's query DSL. Pure. User text never reaches OpenSearch's own query string parser.
 */
import { findField } from "#contract/query/fields.ts";
import { parseQuery } from "#contract/query/parse.ts";
import type { QueryError, QueryNode } from "#contract/query/ast.ts";
import { allOf, anyOf, MATCH_ALL, noneOf, phrase, term, wildcard, type Clause } from "./clauses.ts";
import { compileAttribute, compileKnownField, InvalidValueError, type FieldNode } from "./compile-field.ts";

/** Text fields that are searched for words without a field name. */
const TEXT_PATHS = ["body", "exception.message", "exception.stacktrace"] as const;

/** Fields that are compared with a value without a field name, such as a pasted id. */
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
  // A pattern over all attributes would visit every term of the index, so patterns search named fields only.
  const named = VALUE_PATHS.filter((path) => path !== "attributes" && path !== "resource.attributes");
  return anyOf([
    ...TEXT_PATHS.map((path) => wildcard(path, match.pattern, true)),
    ...named.map((path) => wildcard(path, match.pattern)),
  ]);
};

/** A short field name may also be an attribute name. A value that does not fit the field may fit the attribute. */
const compileField = (node: FieldNode, nowMs: number): Clause => {
  const field = findField(node.field);
  if (field === undefined) return compileAttribute(node);
  const known = compileKnownField(node, field, nowMs);
  return field.isReserved ? known : anyOf([known, ...tryAttribute(node)]);
};

const tryAttribute = (node: FieldNode): readonly Clause[] => {
  try {
    return [compileAttribute(node)];
  } catch (error) {
    if (error instanceof InvalidValueError) return [];
    throw error;
  }
};

const compileNode = (node: QueryNode, nowMs: number): Clause => {
  const compileAll = (nodes: readonly QueryNode[]): readonly Clause[] => nodes.map((each) => compileNode(each, nowMs));
  switch (node.kind) {
    case "and":
      return allOf(compileAll(node.nodes));
    case "or":
      return anyOf(compileAll(node.nodes));
    case "not":
      return noneOf(compileNode(node.node, nowMs));
    case "text":
      return compileWords(node);
    case "field":
      return compileField(node, nowMs);
  }
};

export type CompiledQuery =
  | { readonly ok: true; readonly clause: Clause }
  | { readonly ok: false; readonly error: QueryError };

/**
 * The clause of a query, or its error with the position in the text.
 *
 * @param nowMs The time that `now` in the query stands for, in milliseconds since 1970.
 */
export const compileQuery = (text: string, nowMs: number): CompiledQuery => {
  const parsed = parseQuery(text);
  if (!parsed.ok) return parsed;
  try {
    return { ok: true, clause: parsed.query === undefined ? MATCH_ALL : compileNode(parsed.query, nowMs) };
  } catch (error) {
    if (error instanceof InvalidValueError) return { ok: false, error: error.error };
    throw error;
  }
};
