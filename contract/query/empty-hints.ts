/** Remarks on queries without results. The Worker sends them; the console's script is smaller without them. Pure. */
import type { QueryHint, QueryNode, Span } from "./ast.ts";
import { findField } from "./fields.ts";
import { toPhrase } from "./format.ts";
import { findJoinedValues, toHints, type FieldNode, type Finding, type TextNode } from "./hints.ts";
import { withValidSuggestions } from "./parse.ts";
import { isSourceFile } from "./pasted-location.ts";

const findUnknownField = (text: string, { field, match, span, valueSpan }: FieldNode): readonly Finding[] => {
  if (/^@./.test(field) && findField(field) === undefined && text.startsWith(field, span.offset)) {
    const message = `No log has ${field}. Names of fields and attributes are written without @.`;
    const replacement = field.slice(1);
    return [{ kind: "unknown_field", message, replacement, offset: span.offset, length: field.length }];
  }
  const written = text.slice(span.offset, span.offset + span.length);
  const isPlain = match.op === "is" && !match.isPhrase && written.startsWith(`${field}:`);
  // `name:(value)` is the syntax of queries and not of pasted text.
  const isInGroup = valueSpan.offset > span.offset + field.length + 1;
  if (!isPlain || isInGroup || findField(field) !== undefined) return [];
  const message = `No log has ${written} as a field. Quote it to search for the text.`;
  return [{ kind: "unknown_field", message, replacement: toPhrase(written), ...span }];
};

const ATTRIBUTE_NAME = /^[\p{L}_@][^\s:*?"()\\<>=!]*$/u;

/** `cart.items: 3` and `cart.items : 3`, but not `TypeError: x`. */
const findSpacedAttribute = (text: string, { match, span }: TextNode): readonly Finding[] => {
  const word = text.slice(span.offset, span.offset + span.length);
  const name = word.replace(/:$/, "");
  if (
    !ATTRIBUTE_NAME.test(name) ||
    match.op === "like" ||
    /(?:Error|Exception|Warning)$/.test(name) ||
    isSourceFile(name)
  )
    return [];
  const rest = text.slice(span.offset + name.length);
  const [separator] = /^(?:\s+:\s*|:\s+)(?=[^\s:/)])/.exec(rest) ?? [];
  if (separator === undefined) return [];
  const replacement = `${name}:`;
  const message = `${replacement} is searched for as text. For an attribute write no space before and after the colon.`;
  return [{ kind: "read_as_text", message, replacement, offset: span.offset, length: name.length + separator.length }];
};

/** `latency.ms >= 2000`, after the name. Numbers only: `a > b` is more often text. */
const SPACED_COMPARISON = /^\s+(==?|[><]=?)\s+(?=-?\.?\d)/;

const findSpacedComparison = (text: string, { match, span }: TextNode): readonly Finding[] => {
  const name = text.slice(span.offset, span.offset + span.length);
  const [whole = "", sign = ""] = SPACED_COMPARISON.exec(text.slice(span.offset + span.length)) ?? [];
  if (whole === "" || match.op === "like" || !ATTRIBUTE_NAME.test(name)) return [];
  const replacement = `${name}:${sign.startsWith("=") ? "" : sign}`;
  const length = span.length + whole.length;
  const message = `This is searched for as text. For an attribute write ${replacement} before the number.`;
  return [{ kind: "read_as_text", message, replacement, offset: span.offset, length }];
};

/** `5?`, which may be the end of a question, and `a*b`, also as a pattern for the words of a text field. */
const findWildcard = (text: string, { match }: TextNode | FieldNode, span: Span): readonly Finding[] => {
  if (match.op !== "like" || !/\?|[^*]\*[^*]/.test(match.pattern.replaceAll(/\\[^]/gu, ""))) return [];
  const word = text.slice(span.offset, span.offset + span.length);
  const message = `In ${word}, ? matches any character and * any text. In a message, a pattern is compared with single words. Quote it to search for the text.`;
  return [{ kind: "wildcard", message, replacement: toPhrase(word), ...span }];
};

const findInEmpty = (text: string, node: QueryNode): readonly Finding[] => {
  switch (node.kind) {
    case "and":
      return [...findJoinedValues(text, node.nodes), ...node.nodes.flatMap((each) => findInEmpty(text, each))];
    case "or":
      return node.nodes.flatMap((each) => findInEmpty(text, each));
    case "not":
      return [];
    case "text":
      return [
        ...findSpacedAttribute(text, node),
        ...findSpacedComparison(text, node),
        ...findWildcard(text, node, node.span),
      ];
    case "field":
      return [
        ...findUnknownField(text, node),
        ...(findField(node.field)?.kind === "text" ? findWildcard(text, node, node.valueSpan) : []),
      ];
  }
};

/**
 * Remarks for a query without results: `localhost:8080` or `error:timeout` is read as an attribute, but may be pasted text.
 */
export const findEmptyResultHints = (text: string, query: QueryNode | undefined): readonly QueryHint[] =>
  query === undefined ? [] : withValidSuggestions(toHints(text, findInEmpty(text, query)));
