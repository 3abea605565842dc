/**
 * From a field and what it is held against to clauses. Checks that the value fits the field, with the place in the query.
 */
import { toAttributePath, type SearchField } from "#contract/query/fields.ts";
import type { Comparison, Match, QueryError, QueryNode } from "#contract/query/ast.ts";
import { SEVERITIES, SEVERITY_NUMBERS, type Severity } from "#contract/wire/severity.ts";
import { toTermRange, VALUES_FIELD, type NumberRange } from "#contract/store/value-terms.ts";
import { anyOf, exists, phrase, range, term, wildcard, type Clause } from "./clauses.ts";
import { parseTime } from "#contract/query/parse-time.ts";

export type FieldNode = Extract<QueryNode, { kind: "field" }>;

/** Thrown and caught within this folder. */
export class InvalidValue extends Error {
  override readonly name = "InvalidValue";
  readonly error: QueryError;

  constructor({ valueSpan }: FieldNode, message: string) {
    super(message);
    this.error = { reason: "invalid_value", message, ...valueSpan };
  }
}

const BOUND_OF: Readonly<Record<Comparison, keyof NumberRange>> = { ">": "gt", ">=": "gte", "<": "lt", "<=": "lte" };

/** What other systems call the six levels. */
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
  if (level === undefined) throw new InvalidValue(node, `A level is one of ${SEVERITIES.join(", ")}.`);
  return level;
};

/** Bounds of a comparison or range; `undefined` for the other matches. */
const toBounds = <T>(match: Match, read: (value: string) => T): Partial<Record<keyof NumberRange, T>> | undefined => {
  if (match.op === "compare") return { [BOUND_OF[match.comparison]]: read(match.value) };
  if (match.op !== "range") return undefined;
  const bounds: Partial<Record<keyof NumberRange, T>> = {};
  if (match.from !== undefined) bounds.gte = read(match.from);
  if (match.to !== undefined) bounds.lte = read(match.to);
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
    if (number === undefined) throw new InvalidValue(node, `${node.field} compares with a number, such as 500 or 2.5.`);
    return number;
  };

const compileLevel = (node: FieldNode): Clause => {
  const { match } = node;
  const bounds = toBounds(match, (value) => SEVERITY_NUMBERS[toLevel(node, value)]);
  if (bounds !== undefined) return range("severity.number", bounds);
  if (match.op === "is") return term("severity.text", toLevel(node, match.value));
  return match.op === "like" ? wildcard("severity.text", match.pattern, true) : exists("severity.text");
};

const compileDate = (node: FieldNode, path: string): Clause => {
  const { match } = node;
  const read = (value: string): number => {
    const ms = parseTime(value, Date.now());
    if (ms === undefined) throw new InvalidValue(node, "A time is like 2026-11-17T08:00:00Z, 2026-11-17 or now-15m.");
    return ms;
  };
  const bounds = toBounds(match, read);
  if (bounds !== undefined) return range(path, { ...bounds, format: "epoch_millis" });
  if (match.op === "exists") return exists(path);
  const ms = read(match.op === "is" ? match.value : "");
  return range(path, { gte: ms, lte: ms, format: "epoch_millis" });
};

const compileNumber = (node: FieldNode, path: string): Clause => {
  const { match } = node;
  const bounds = toBounds(match, toNumber(node));
  if (bounds !== undefined) return range(path, bounds);
  if (match.op === "is") return range(path, { gte: toNumber(node)(match.value), lte: toNumber(node)(match.value) });
  if (match.op === "like") throw new InvalidValue(node, `${node.field} is a number: write a range, such as 500..599.`);
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
      throw new InvalidValue(node, `${node.field} is text. Only numbers, times and levels compare with < and >.`);
  }
};

const compileText = (node: FieldNode, path: string): Clause => {
  const { match } = node;
  if (match.op === "is") return phrase(path, match.value);
  return match.op === "like" ? wildcard(path, match.pattern, true) : compileKeyword(node, path);
};

const compilePath = (node: FieldNode, { kind }: SearchField, path: string): Clause => {
  switch (kind) {
    case "level":
      return compileLevel(node);
    case "date":
      return compileDate(node, path);
    case "number":
      return compileNumber(node, path);
    case "keyword":
      return compileKeyword(node, path);
    case "text":
      return compileText(node, path);
  }
};

/** A field of the table: any of its paths. */
export const compileKnown = (node: FieldNode, field: SearchField): Clause =>
  anyOf(field.paths.map((path) => compilePath(node, field, path)));

/** An attribute: text by flat_object, which keeps its whole value; numbers by their terms. */
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

/** `3` also finds 3.0, which JSON may have written in another way. */
const toNumberTerm = (name: string, match: Match): readonly Clause[] => {
  const number = match.op === "is" && !match.isPhrase ? parseNumber(match.value) : undefined;
  return number === undefined ? [] : [range(VALUES_FIELD, toTermRange(name, { gte: number, lte: number }))];
};
