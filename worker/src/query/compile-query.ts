/**
 * Compiles a query to OpenSearch's query DSL. Pure. User text never reaches OpenSearch's own query string parser.
 */
import { findField, TOPIC_FIELD } from "#contract/query/fields.ts";
import { toPhrase } from "#contract/query/format.ts";
import { findEmptyResultHints } from "#contract/query/empty-hints.ts";
import { hasWordCharacter } from "#contract/query/hints.ts";
import { parseQuery } from "#contract/query/parse.ts";
import type { QueryError, QueryHint, QueryNode } from "#contract/query/ast.ts";
import { MAX_QUERY_LENGTH } from "#contract/wire/limits.ts";
import { allOf, anyOf, countClauses, MATCH_ALL, MATCH_NONE, noneOf, phrase, terms, wildcard } from "./clauses.ts";
import type { Clause } from "./clauses.ts";
import { STORED_IDS } from "./stored-ids.ts";
import { matchTextPattern } from "./text-pattern.ts";
import {
  compileAttribute,
  compileKnownField,
  compileTopic,
  InvalidValueError,
  type FieldNode,
} from "./compile-field.ts";

/** OpenSearch refuses a search with more than 1,024 clauses; the rest is for the filter of the request. */
const MAX_CLAUSES = 1_000;

/** Text fields that are searched for words without a field name. */
const TEXT_PATHS = ["body", "exception.message", "exception.type.words", "exception.stacktrace"] as const;

/** Fields that are compared with a value without a field name, such as a pasted id. */
const VALUE_PATHS = [
  "attributes",
  "resource.attributes",
  "resource.service.name",
  "resource.deployment.environment.name",
  "resource.device.id",
  "resource.device.name",
  "resource.device.model.name",
  "user.id",
  "user.name",
  "session.id",
  "organization.id",
  "log.tag",
  "log.subtag",
  "exception.type",
] as const;

/** Fields whose values have a recognisable form. They are compared only with such values, which saves clauses. */
const FORMED_VALUES: readonly (readonly [path: string, toStored: (word: string) => string | undefined])[] = [
  ...Object.entries(STORED_IDS),
  ["user.email", (word) => (word.includes("@") ? word : undefined)],
  ["http.request.method", (word) => (/^[A-Z]{3,20}$/.test(word) ? word : undefined)],
  ["url.path", (word) => (word.startsWith("/") ? word : undefined)],
];

type TextNode = Extract<QueryNode, { kind: "text" }>;

/** Matches logs with any of the words. One list of values for each field keeps the number of clauses small. */
const compileWords = (words: readonly string[]): Clause =>
  anyOf([
    ...words.flatMap((word) => TEXT_PATHS.map((path) => phrase(path, word))),
    ...VALUE_PATHS.map((path) => terms(path, words)),
    ...FORMED_VALUES.flatMap(([path, toStored]) => {
      const formed = words.flatMap((word) => toStored(word) ?? []);
      return formed.length === 0 ? [] : [terms(path, formed)];
    }),
  ]);

/** A pattern over all attributes would visit every term of the index, so patterns search named fields only. */
const PATTERN_PATHS: readonly string[] = [
  ...VALUE_PATHS.filter((path) => path !== "attributes" && path !== "resource.attributes"),
  // As expensive, and no reader knows a part of the id of a span.
  ...FORMED_VALUES.map(([path]) => path).filter((path) => path !== "spanId"),
];

const compileText = ({ match }: TextNode): Clause => {
  if (match.op === "is") return compileWords([match.value]);
  if (/^\*+$/.test(match.pattern)) return MATCH_ALL;
  return anyOf([
    ...TEXT_PATHS.map((path) => matchTextPattern(path, match.pattern)),
    ...PATTERN_PATHS.map((path) => wildcard(path, match.pattern)),
  ]);
};

/** A short field name may also be an attribute name. A value that does not fit the field may fit the attribute. */
const compileField = (node: FieldNode, nowMs: number): Clause => {
  const field = findField(node.field);
  if (field === undefined) return compileAttribute(node);
  if (field.name === TOPIC_FIELD) return anyOf([compileTopic(node) ?? MATCH_NONE, ...tryAttribute(node)]);
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

/** A word of punctuation only, as in `Payment - failed`. Texts have no such word, so it would match nothing. */
const isPunctuation = (node: QueryNode): boolean =>
  node.kind === "text" && node.match.op === "is" && !hasWordCharacter(node.match.value);

const compileOr = (nodes: readonly QueryNode[], nowMs: number): Clause => {
  const words: string[] = [];
  const others: QueryNode[] = [];
  for (const node of nodes) {
    if (node.kind === "text" && node.match.op === "is") words.push(node.match.value);
    else others.push(node);
  }
  return anyOf([
    ...(words.length === 0 ? [] : [compileWords(words)]),
    ...others.map((node) => compileNode(node, nowMs)),
  ]);
};

const compileNode = (node: QueryNode, nowMs: number): Clause => {
  switch (node.kind) {
    case "and": {
      const significant = node.nodes.filter((each) => !isPunctuation(each));
      return allOf((significant.length === 0 ? node.nodes : significant).map((each) => compileNode(each, nowMs)));
    }
    case "or":
      return compileOr(node.nodes, nowMs);
    case "not":
      return noneOf(compileNode(node.node, nowMs));
    case "text":
      return compileText(node);
    case "field":
      return compileField(node, nowMs);
  }
};

export type CompiledQuery =
  | {
      readonly ok: true;
      readonly clause: Clause;
      readonly hints: readonly QueryHint[];
      /** Hints that apply if no log matches. */
      readonly emptyHints: readonly QueryHint[];
    }
  | { readonly ok: false; readonly error: QueryError };

/** Hints that explain an invalid value: an operator or a comma was read as one. */
const EXPLAINING_KINDS: readonly QueryHint["kind"][] = ["lower_case_operator", "comma_list"];

const isCompilable = (query: QueryNode | undefined, nowMs: number): boolean => {
  try {
    if (query !== undefined) compileNode(query, nowMs);
    return true;
  } catch (error) {
    if (error instanceof InvalidValueError) return false;
    throw error;
  }
};

const explainsError = ({ kind, suggestion }: QueryHint, nowMs: number): boolean => {
  const corrected = EXPLAINING_KINDS.includes(kind) ? parseQuery(suggestion ?? "") : undefined;
  return suggestion !== undefined && corrected?.ok === true && isCompilable(corrected.query, nowMs);
};

/** An invalid value with the whole query in a valid spelling: another value, or the field and its value as text. */
const toQueryError = (
  text: string,
  { error, span, correct }: InvalidValueError,
  hints: readonly QueryHint[],
  nowMs: number,
): QueryError => {
  const explanation = hints.find((hint) => explainsError(hint, nowMs));
  if (explanation !== undefined) {
    const { kind: _, ...remark } = explanation;
    return { ...remark, reason: error.reason };
  }
  const value = text.slice(error.offset, error.offset + error.length);
  const corrected = correct(value);
  const isCorrected = corrected !== value;
  const { offset, length } = isCorrected ? error : span;
  const written = isCorrected ? corrected : toPhrase(text.slice(offset, offset + length));
  const suggestion = text.slice(0, offset) + written + text.slice(offset + length);
  const isValid = suggestion.length <= MAX_QUERY_LENGTH && parseQuery(suggestion).ok;
  return { ...error, ...(isValid ? { suggestion } : {}) };
};

const tooManyClauses = (text: string, count: number): QueryError => ({
  reason: "too_complex",
  message: `The query needs ${count} comparisons; the limit is ${MAX_CLAUSES}. A word without a field needs about 20: name its field, as in message:word, or quote words that follow each other.`,
  offset: 0,
  length: text.length,
});

/**
 * The clause of a query with its hints, or its error with the position in the text.
 *
 * @param nowMs The time that `now` in the query stands for, in milliseconds since 1970.
 */
export const compileQuery = (text: string, nowMs: number): CompiledQuery => {
  const parsed = parseQuery(text);
  if (!parsed.ok) return parsed;
  const { query, hints } = parsed;
  try {
    const clause = query === undefined ? MATCH_ALL : compileNode(query, nowMs);
    const count = countClauses(clause);
    if (count > MAX_CLAUSES) return { ok: false, error: tooManyClauses(text, count) };
    return { ok: true, clause, hints, emptyHints: findEmptyResultHints(text, query) };
  } catch (error) {
    if (error instanceof InvalidValueError) return { ok: false, error: toQueryError(text, error, hints, nowMs) };
    throw error;
  }
};
