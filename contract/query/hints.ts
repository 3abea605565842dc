/**
 * Remarks on valid queries: spellings of other query languages, and pasted text that is read differently than it may be meant.
 * Pure; the Worker sends them with the results, and the console shows them.
 */
import { SEVERITIES } from "#contract/wire/severity.ts";
import type { QueryHint, QueryNode, Span } from "./ast.ts";
import { findField } from "./fields.ts";
import { isJsonObject, toFieldQuery } from "./json-query.ts";

/** A remark, and the text that would replace the marked characters. */
export interface Finding extends Span {
  readonly kind: QueryHint["kind"];
  readonly message: string;
  readonly replacement?: string;
}

export type TextNode = Extract<QueryNode, { kind: "text" }>;
type JoinedNodes = Extract<QueryNode, { nodes: readonly QueryNode[] }>;
export type FieldNode = Extract<QueryNode, { kind: "field" }>;

const MAX_HINTS = 5;

/** A corrected query has all corrections of one kind. */
const applyAll = (text: string, findings: readonly Finding[]): string => {
  let [result, position] = ["", 0];
  for (const { offset, length, replacement } of findings.toSorted((a, b) => a.offset - b.offset)) {
    if (replacement === undefined || offset < position) continue;
    result += text.slice(position, offset) + replacement;
    position = offset + length;
  }
  return result + text.slice(position);
};

/** One hint for each kind, with all corrections of the kind. */
export const toHints = (text: string, findings: readonly Finding[]): readonly QueryHint[] => {
  const kinds = new Map(findings.map((finding) => [finding.kind, finding]));
  return [...kinds.keys()].slice(0, MAX_HINTS).flatMap((kind) => {
    const same = findings.filter((finding) => finding.kind === kind);
    const [first] = same;
    if (first === undefined) return [];
    const suggestion = applyAll(text, same);
    const { message, offset, length } = first;
    return [{ kind, message, offset, length, ...(suggestion === text ? {} : { suggestion }) }];
  });
};

const LOWER_CASE_OPERATOR = /^(?:and|or|not)$/;

/** The space between two values of a group, as in `tags:(new sale)`. */
const findGap = (text: string, node: QueryNode | undefined, next: QueryNode | undefined): Span | undefined => {
  if (node?.kind !== "field" || next?.kind !== "field" || node.span.offset !== next.span.offset) return undefined;
  const offset = node.valueSpan.offset + node.valueSpan.length;
  const gap = text.slice(offset, next.valueSpan.offset);
  return gap.trim() === "" ? { offset, length: gap.length } : undefined;
};

/** The position of an operator in lower case between words, or between values of a group such as `level:(error or fatal)`. */
const lowerCaseOperatorAt = (text: string, nodes: readonly QueryNode[], i: number): Span | undefined => {
  const [before, node, next] = [nodes[i - 1], nodes[i], nodes[i + 1]];
  const isValue = node?.kind === "field";
  if (node === undefined || next === undefined || (!isValue && node.kind !== "text")) return undefined;
  const { offset, length } = isValue ? node.valueSpan : node.span;
  const word = text.slice(offset, offset + length);
  if (!LOWER_CASE_OPERATOR.test(word) || (isValue && findGap(text, node, next) === undefined)) return undefined;
  const isAfter = isValue ? findGap(text, before, node) !== undefined : before !== undefined;
  return isAfter || word === "not" ? { offset, length } : undefined;
};

/** `a or b`: the operators are in capitals, because messages contain these words. */
const findLowerCaseOperators = (text: string, { kind, nodes }: JoinedNodes): readonly Finding[] =>
  nodes.flatMap((node, i) => {
    const span = lowerCaseOperatorAt(text, nodes, i);
    // In `a OR or OR b` the word is meant.
    if (span === undefined || (kind === "or" && node.kind === "text")) return [];
    const word = text.slice(span.offset, span.offset + span.length);
    const operator = word.toUpperCase();
    const use = node.kind === "field" ? `read as a value of ${node.field}` : "searched for as a word";
    const message = `"${word}" is ${use}. The operator is ${operator} in capitals.`;
    return [{ kind: "lower_case_operator" as const, message, replacement: operator, ...span }];
  });

/** `level in (warn, error)`, after which the list is a group of words. */
const IN_LIST = /([\p{L}_@][^\s:*?"()\\<>=!]*)\s+in\s*\(([^()]*)\)/giu;

const findInLists = (text: string): readonly Finding[] =>
  [...text.matchAll(IN_LIST)].flatMap((match) => {
    const [whole, name = "", list = ""] = match;
    if (findField(name) === undefined && !list.includes(",")) return [];
    const values = list.split(/[\s,]+/).filter((value) => value !== "");
    const replacement = `${name}:(${values.join(" OR ")})`;
    const message = `Write a list of values as ${replacement}.`;
    return values.length === 0
      ? []
      : [{ kind: "in_list" as const, message, replacement, offset: match.index, length: whole.length }];
  });

/** `level:error,warn`, and `level:error OR warn`, whose second word has no field. */
const findCommaList = (text: string, { field, match, span, valueSpan }: FieldNode): readonly Finding[] => {
  const [start, end] = [valueSpan.offset, valueSpan.offset + valueSpan.length];
  const value = text.slice(start, end);
  if (value === "," && start > span.offset + field.length + 1) {
    const replacement = `${/\s/.test(text.charAt(start - 1)) ? "" : " "}OR${/\s/.test(text.charAt(end)) ? "" : " "}`;
    const message = "The comma is read as a value. Write OR between values.";
    return [{ kind: "comma_list", message, replacement, ...valueSpan }];
  }
  if (match.op !== "is" || match.isPhrase || (findField(field)?.kind ?? "text") === "text") return [];
  const values = value.split(",").filter((part) => part !== "");
  const [only] = values;
  if (only !== undefined && values.length === 1 && value.endsWith(",")) {
    const isInGroup = text[span.offset + field.length + 1] === "(";
    const message = `The comma in ${value} is part of the value. Write OR between values.`;
    return [{ kind: "comma_list", message, replacement: isInGroup ? `${only} OR` : only, ...valueSpan }];
  }
  if (values.length < 2) return [];
  const replacement = `${field}:(${values.join(" OR ")})`;
  return [{ kind: "comma_list", message: `Write a list of values as ${replacement}.`, replacement, ...span }];
};

/** `tags:(new sale)`: an attribute may be a list, so both values must match. */
export const findJoinedValues = (text: string, nodes: readonly QueryNode[]): readonly Finding[] =>
  nodes.flatMap((node, i) => {
    const next = nodes[i + 1];
    const gap = findGap(text, node, next);
    if (gap === undefined || node.kind !== "field" || next?.kind !== "field") return [];
    if (node.match.op === "compare" || next.match.op === "compare" || findField(node.field)?.kind === "text") return [];
    if (lowerCaseOperatorAt(text, nodes, i) ?? lowerCaseOperatorAt(text, nodes, i + 1)) return [];
    const message = `Both values of ${node.field} must match. Write OR between them for either.`;
    return [{ kind: "in_list" as const, message, replacement: " OR ", ...gap }];
  });

const findValuesWithoutField = (text: string, nodes: readonly QueryNode[]): readonly Finding[] =>
  nodes.flatMap((node, i) => {
    const before = nodes[i - 1];
    if (node.kind !== "text" || node.match.op !== "is" || before?.kind !== "field") return [];
    const { value } = node.match;
    if (findField(before.field)?.kind !== "level" || !SEVERITIES.some((name) => name === value.toLowerCase()))
      return [];
    const { offset, length } = node.span;
    const replacement = `${before.field}:${text.slice(offset, offset + length)}`;
    const message = `"${value}" is searched for as a word. Write ${replacement}, or ${before.field}:(a OR b).`;
    return [{ kind: "value_without_field" as const, message, replacement, offset, length }];
  });

/** `cart.items=3` and `cart.items>=5`, where `cart.items` is the name of an attribute. */
const ASSIGNMENT = /^([\p{L}_@][^\s:*?"()\\<>=!]*)(==?|>=|<=|>|<)([^\s=<>]+)$/u;

/** An operator of regular expressions that is not part of a path. */
const REGULAR_OPERATOR = /\.[*+]|\\[dws]|[|^$]/;

/** `/user.*failed/`. A path such as `/cart/` is not a regular expression. */
const isRegularExpression = (word: string): boolean => {
  const end = word.lastIndexOf("/");
  if (!word.startsWith("/") || end === 0 || !/^[a-z]*$/.test(word.slice(end + 1))) return false;
  const content = word.slice(1, end);
  const opening = content.indexOf("[");
  return REGULAR_OPERATOR.test(content) || (opening !== -1 && content.includes("]", opening));
};

/** A word or value that is a regular expression. One with parentheses, as in `/u-(1|2)/`, goes on after the word. */
const findRegularExpression = (text: string, span: Span): readonly Finding[] => {
  const rest = text.slice(span.offset);
  const [written = ""] = /^\S+/.exec(rest) ?? [];
  if (!isRegularExpression(rest.slice(0, span.length)) && !isRegularExpression(written)) return [];
  const message = "Regular expressions are not supported. * matches any text within a word, and ? one character.";
  return [{ kind: "regular_expression", message, ...span }];
};

/** Lucene's `payment~1` for similar words and `payment^2` for a weight, also after a phrase. */
const SUFFIX = /^(.*)(?:~\d?(?:\.\d+)?|\^\d+(?:\.\d+)?)$/u;

const findSuffix = (text: string, span: Span): readonly Finding[] => {
  const word = text.slice(span.offset, span.offset + span.length);
  const [, stem] = SUFFIX.exec(word) ?? [];
  const isSuffix = stem === "" ? text[span.offset - 1] === '"' : /^[\p{L}\p{N}_.-]*\p{L}$/u.test(stem ?? "");
  if (stem === undefined || !isSuffix) return [];
  const suffix = { offset: span.offset + stem.length, length: word.length - stem.length };
  const message = `${word.slice(stem.length)} is searched for as text. Similar words and weights are not supported.`;
  return [{ kind: "read_as_text", message, replacement: "", ...suffix }];
};

/** Whether a text has a character of a word: a letter, a digit, or any character outside of ASCII, such as an emoji. */
export const hasWordCharacter = (text: string): boolean => /[\p{L}\p{N}]|\P{ASCII}/u.test(text);

const findInText = (text: string, { match, span }: TextNode): readonly Finding[] => {
  const word = text.slice(span.offset, span.offset + span.length);
  const [, name, separator = "", value = ""] = ASSIGNMENT.exec(word) ?? [];
  if (name !== undefined) {
    const written = /^==?$/.test(separator) ? `${name}:${value}` : `${name}:${separator}${value}`;
    const message = `This is searched for as text. For an attribute write ${written}.`;
    return [{ kind: "read_as_text", message, replacement: written, ...span }];
  }
  const found = [...findRegularExpression(text, span), ...findSuffix(text, span)];
  if (found.length > 0) return found;
  if (match.op === "is" && !hasWordCharacter(match.value)) {
    return [{ kind: "punctuation", message: `"${match.value}" has no letter or digit and is ignored.`, ...span }];
  }
  return [];
};

/** `Level:error`. The names of attributes are case-sensitive, so another case is another attribute. */
const findNameCase = ({ field, span }: FieldNode): readonly Finding[] => {
  const lower = field.toLowerCase();
  if (lower === field || findField(field) !== undefined || findField(lower) === undefined) return [];
  const message = `Names are case-sensitive. For the field write ${lower} in lower case.`;
  return [{ kind: "name_case", message, replacement: lower, offset: span.offset, length: field.length }];
};

const findInNode = (text: string, node: QueryNode): readonly Finding[] => {
  switch (node.kind) {
    case "and":
      return [...findLowerCaseOperators(text, node), ...node.nodes.flatMap((each) => findInNode(text, each))];
    case "or":
      return [
        ...findLowerCaseOperators(text, node),
        ...findValuesWithoutField(text, node.nodes),
        ...node.nodes.flatMap((each) => findInNode(text, each)),
      ];
    case "not": {
      const joined = node.node.kind === "and" ? findJoinedValues(text, node.node.nodes) : [];
      return [...joined, ...findInNode(text, node.node)];
    }
    case "text":
      return findInText(text, node);
    case "field":
      return [
        ...findCommaList(text, node),
        ...findNameCase(node),
        ...findRegularExpression(text, node.valueSpan),
        ...findSuffix(text, node.valueSpan),
      ];
  }
};

/**
 * The remarks on a valid query, at most five.
 *
 * @param findings Those of the parser.
 */
export const findHints = (
  text: string,
  query: QueryNode | undefined,
  findings: readonly Finding[],
): readonly QueryHint[] => {
  if (query === undefined) return [];
  if (isJsonObject(text)) {
    const suggestion = toFieldQuery(text);
    const message = "JSON is searched for as text. Its values are stored as fields.";
    return [
      { kind: "json", message, offset: 0, length: text.length, ...(suggestion === undefined ? {} : { suggestion }) },
    ];
  }
  return toHints(text, [...findInLists(text), ...findings, ...findInNode(text, query)]);
};
