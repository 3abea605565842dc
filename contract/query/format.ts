/**
 * Writes a query: `parseQuery(formatQuery(node))` means what `node` means. For a click that filters for or against a value.
 */
import type { Match, QueryNode } from "./ast.ts";

const OPERATOR = /^(?:AND|OR|NOT)$/;

/** What means something else at the very start of a value. */
const LEADING = /^(?:[-<>]|\/\/)/;

const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;

/** Backslashes before what would mean something where it stands. */
const escape = (text: string): string =>
  text
    .replaceAll(/[\s()":\\*?]/g, "\\$&")
    .replaceAll(/(?<=\.)\./g, "\\.")
    .replace(LEADING, "\\$&")
    .replace(OPERATOR, "\\$&");

/** In a pattern, `*` and `?` keep their meaning and are escaped already where they have none. */
const escapePattern = (pattern: string): string =>
  pattern
    .replaceAll(/\\[^]|[\s()":]|\\$/g, (part) => (part.length === 2 ? part : `\\${part}`))
    .replaceAll(/(?<=\.)\./g, "\\.")
    .replace(LEADING, "\\$&");

const toName = (field: string): string =>
  /^[\p{L}_@][\w.@-]*$/u.test(field) && !OPERATOR.test(field) ? field : quote(field);

const formatMatch = (match: Match): string => {
  switch (match.op) {
    case "is":
      return match.isPhrase || match.value === "" ? quote(match.value) : escape(match.value);
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

const formatPart = (node: QueryNode, parent: "and" | "or" | "not"): string => {
  const isLoose = node.kind === "or" ? parent !== "or" : node.kind === "and" && parent === "not";
  return isLoose ? `(${formatQuery(node)})` : formatQuery(node);
};

/** The text of a query. */
export const formatQuery = (node: QueryNode): string => {
  switch (node.kind) {
    case "and":
      return node.nodes.map((part) => formatPart(part, "and")).join(" ");
    case "or":
      return node.nodes.map((part) => formatPart(part, "or")).join(" OR ");
    case "not":
      return `-${formatPart(node.node, "not")}`;
    case "text":
      return formatMatch(node.match);
    case "field":
      return `${toName(node.field)}:${formatMatch(node.match)}`;
  }
};
