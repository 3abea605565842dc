/**
 * Converts a syntax tree to text: `parseQuery(formatQuery(node))` is equivalent to `node`. The console uses it to add a
 * condition to the query when a reader includes or excludes a value.
 */
import type { Match, QueryNode } from "./ast.ts";
import { isSourceFile } from "./pasted-location.ts";

const OPERATOR = /^(?:AND|OR|NOT|&&|\|\|)$/;

/** Characters with a special meaning at the start of a value. */
const LEADING = /^(?:[-!+'`“”„«‘[{]|\/\/)/;

/** A quoted phrase, which has no operators. */
export const toPhrase = (text: string): string => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;

/** Adds a backslash before each character with a special meaning. */
const escape = (text: string): string =>
  text
    .replaceAll(/[\s()":\\*?<>=]/g, "\\$&")
    .replaceAll(/(?<=\.)\./g, "\\.")
    .replace(LEADING, "\\$&")
    .replace(OPERATOR, "\\$&");

/** In a pattern, `*` and `?` are wildcards, and literal ones are already escaped. */
const escapePattern = (pattern: string): string =>
  pattern
    .replaceAll(/\\[^]|[\s()":<>=]|\\$/g, (match) => (match.length === 2 ? match : `\\${match}`))
    .replaceAll(/(?<=\.)\./g, "\\.")
    .replace(LEADING, "\\$&");

const IS_PLAIN_NAME = /^[\p{L}_@][\w.@-]*$/u;

const toName = (field: string): string =>
  IS_PLAIN_NAME.test(field) && !OPERATOR.test(field) && !isSourceFile(field) && !/^(?:[A-Z]|_exists_)$/.test(field)
    ? field
    : toPhrase(field);

const formatMatch = (match: Match): string => {
  switch (match.op) {
    case "is":
      return match.isPhrase || match.value === "" ? toPhrase(match.value) : escape(match.value);
    case "like":
      return escapePattern(match.pattern);
    case "compare":
      return `${match.comparison}${escape(match.value)}`;
    case "range":
      return `${escape(match.from ?? "")}..${escape(match.to ?? "")}`;
    case "exists":
      return "*";
  }
};

const formatChild = (node: QueryNode, parent: "and" | "or" | "not"): string => {
  const needsParentheses = node.kind === "or" ? parent !== "or" : node.kind === "and" && parent === "not";
  return needsParentheses ? `(${formatQuery(node)})` : formatQuery(node);
};

/** Returns the text of a query. */
export const formatQuery = (node: QueryNode): string => {
  switch (node.kind) {
    case "and":
      return node.nodes.map((child) => formatChild(child, "and")).join(" ");
    case "or":
      return node.nodes.map((child) => formatChild(child, "or")).join(" OR ");
    case "not":
      return `-${formatChild(node.node, "not")}`;
    case "text":
      return formatMatch(node.match);
    case "field":
      return `${toName(node.field)}:${formatMatch(node.match)}`;
  }
};
