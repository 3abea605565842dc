/**
 * Compiles a field and its match to clauses. Checks that the value fits the field and reports its position in the query.
 */
import { toAttributePath, type SearchField } from "#contract/query/fields.ts";
import type { Comparison, Match, QueryError, QueryNode } from "#contract/query/ast.ts";
import { SEVERITIES, SEVERITY_NUMBERS, type Severity } from "#contract/wire/severity.ts";
import { toTermRange, VALUES_FIELD, type NumberRange } from "#contract/store/value-terms.ts";
import { anyOf, exists, phrase, range, term, wildcard, type Clause } from "./clauses.ts";
import { parseTime } from "#contract/query/parse-time.ts";

export type FieldNode = Extract<QueryNode, { kind: "field" }>;

/** A value does not fit its field. Thrown and caught in this folder only. */
export class InvalidValueError extends Error {
  override readonly name = "InvalidValueError";
  readonly error: QueryError;

  constructor({ valueSpan }: FieldNode, message: string) {
    super(message);
    this.error = { reason: "invalid_value", message, ...valueSpan };
  }
}

const BOUND_OF: Readonly<Record<Comparison, keyof NumberRange>> = { ">": "gt", ">=": "gte", "<": "lt", "<=": "lte" };

/** Names of the six levels in other systems. */
const LEVEL_ALIASES: Readonly<Record<string, Severity>> = {
  verbose: "trace",
  information: "info",
  notice: "info",
  warning: "warn",
  err: "error",
  severe: "fatal",
  critical: "fatal",
  emergency: "fatal",
};

const toLevel = (node: FieldNode, value: string): Severity => {
  const name = value.toLowerCase();
  const level =
    SEVERITIES.find((severity) => severity === name) ??
    (Object.hasOwn(LEVEL_ALIASES, name) ? LEVEL_ALIASES[name] : undefined);
  if (level === undefined) throw new InvalidValueError(node, `The level must be one of ${SEVERITIES.join(", ")}.`);
  return level;
};

/** Bounds of a comparison or range; `undefined` for other matches. */
const toBounds = <T>(match: Match, parse: (value: string) => T): Partial<Record<keyof NumberRange, T>> | undefined => {
  if (match.op === "compare") return { [BOUND_OF[match.comparison]]: parse(match.value) };
  if (match.op !== "range") return undefined;
  const bounds: Partial<Record<keyof NumberRange, T>> = {};
  if (match.from !== undefined) bounds.gte = parse(match.from);
  if (match.to !== undefined) bounds.lte = parse(match.to);
  return bounds;
};

const parseNumber = (value: string): number | undefined => {
  const number = value.trim() === "" ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
};

const toNumber =
  (node: FieldNode) =>
  (value: string): number => {
    const number = parseNumber(value);
    if (number === undefined)
      throw new InvalidValueError(node, `${node.field} must be compared with a number, such as 500 or 2.5.`);
    return number;
  };

const compileLevel = (node: FieldNode): Clause => {
  const { match } = node;
  const bounds = toBounds(match, (value) => SEVERITY_NUMBERS[toLevel(node, value)]);
  if (bounds !== undefined) return range("severity.number", bounds);
  if (match.op === "is") return term("severity.text", toLevel(node, match.value));
  return match.op === "like" ? wildcard("severity.text", match.pattern, true) : exists("severity.text");
};

const compileDate = (node: FieldNode, path: string, nowMs: number): Clause => {
  const { match } = node;
  const parse = (value: string): number => {
    const ms = parseTime(value, nowMs);
    if (ms === undefined)
      throw new InvalidValueError(node, "Write a time as 2026-11-17T08:00:00Z, 2026-11-17 or now-15m.");
    return ms;
  };
  const bounds = toBounds(match, parse);
  if (bounds !== undefined) return range(path, { ...bounds, format: "epoch_millis" });
  if (match.op === "exists") return exists(path);
  const ms = parse(match.op === "is" ? match.value : "");
  return range(path, { gte: ms, lte: ms, format: "epoch_millis" });
};

const compileNumber = (node: FieldNode, path: string): Clause => {
  const { match } = node;
  const bounds = toBounds(match, toNumber(node));
  if (bounds !== undefined) return range(path, bounds);
  if (match.op === "is") return range(path, { gte: toNumber(node)(match.value), lte: toNumber(node)(match.value) });
  if (match.op === "like")
    throw new InvalidValueError(node, `${node.field} is a number and has no wildcards. Use a range, such as 500..599.`);
  return exists(path);
};

const compileKeyword = (node: FieldNode, path: string): Clause => {
  const { match } = node;
  switch (match.op) {
    case "is":
      return term(path, match.value);
    case "like":
      return wildcard(path, match.pattern);
    case "exists":
      return exists(path);
    case "compare":
    case "range":
      throw new InvalidValueError(
        node,
        `${node.field} is text. Only numbers, times and levels can be compared with < and >.`,
      );
  }
};

const compileText = (node: FieldNode, path: string): Clause => {
  const { match } = node;
  if (match.op === "is") return phrase(path, match.value);
  return match.op === "like" ? wildcard(path, match.pattern, true) : compileKeyword(node, path);
};

const compilePath = (node: FieldNode, { kind }: SearchField, path: string, nowMs: number): Clause => {
  switch (kind) {
    case "level":
      return compileLevel(node);
    case "date":
      return compileDate(node, path, nowMs);
    case "number":
      return compileNumber(node, path);
    case "keyword":
      return compileKeyword(node, path);
    case "text":
      return compileText(node, path);
  }
};

/** Matches any path of a known field. `nowMs` resolves relative times. */
export const compileKnownField = (node: FieldNode, field: SearchField, nowMs: number): Clause =>
  anyOf(field.paths.map((path) => compilePath(node, field, path, nowMs)));

/** Matches an attribute: text in its flat_object, which stores whole values; numbers by their terms. */
export const compileAttribute = (node: FieldNode): Clause => {
  const { match } = node;
  const { maps, name } = toAttributePath(node.field);
  const bounds = toBounds(match, toNumber(node));
  if (bounds !== undefined) return range(VALUES_FIELD, toTermRange(name, bounds));
  return anyOf([
    ...maps.map((map) => {
      const path = `${map}.${name}`;
      if (match.op === "exists") return exists(path);
      return match.op === "like" ? wildcard(path, match.pattern) : term(path, match.op === "is" ? match.value : "");
    }),
    ...toNumberTerm(name, match),
  ]);
};

/** `3` also matches `3.0` and other JSON spellings of the same number. */
const toNumberTerm = (name: string, match: Match): readonly Clause[] => {
  const number = match.op === "is" && !match.isPhrase ? parseNumber(match.value) : undefined;
  return number === undefined ? [] : [range(VALUES_FIELD, toTermRange(name, { gte: number, lte: number }))];
};
