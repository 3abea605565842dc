/**
 * Compiles a field and its match to clauses. Checks that the value fits the field and reports its position in the query.
 */
import { ExactNumber, toExactNumber } from "#contract/check/exact-number.ts";
import { matchTextPattern } from "./text-pattern.ts";
import { toAttributePath, type SearchField } from "#contract/query/fields.ts";
import type { Comparison, Match, QueryError, QueryNode, Span } from "#contract/query/ast.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";
import { severityOfName } from "#contract/wire/severity-names.ts";
import { SEVERITIES, SEVERITY_NUMBERS, type Severity } from "#contract/wire/severity.ts";
import { toTermRange, VALUES_FIELD, type NumberRange, type TermNumber } from "#contract/store/value-terms.ts";
import {
  allOf,
  anyOf,
  exists,
  MATCH_NONE,
  noneOf,
  phrase,
  range,
  term,
  terms,
  wildcard,
  type Clause,
} from "./clauses.ts";
import { STORED_IDS } from "./stored-ids.ts";
import { parseTimeSpan } from "#contract/query/parse-time.ts";
import { appOfUser, LEGACY_TOPIC } from "#contract/wire/topics.ts";

export type FieldNode = Extract<QueryNode, { kind: "field" }>;

/** A value does not fit its field. Thrown and caught in this folder only. */
export class InvalidValueError extends Error {
  override readonly name = "InvalidValueError";
  readonly error: QueryError;
  /** Position of the field and its value. */
  readonly span: Span;
  /** Corrects the value as written. It returns the same text if it has no correction. */
  readonly correct: (written: string) => string;

  constructor({ span, valueSpan }: FieldNode, message: string, correct = (written: string): string => written) {
    super(message);
    this.error = { reason: "invalid_value", message, ...valueSpan };
    this.span = span;
    this.correct = correct;
  }
}

const BOUND_OF: Readonly<Record<Comparison, keyof NumberRange>> = { ">": "gt", ">=": "gte", "<": "lt", "<=": "lte" };

const toLevel = (node: FieldNode, value: string): Severity => {
  const level = severityOfName(value);
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

const DURATIONS = /\b(\d+(?:\.\d+)?)(ms|s|m|h)\b/g;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS };

/** `>2s` and `1s..2s` in milliseconds, for fields whose unit is a millisecond. */
const toMilliseconds = (written: string): string =>
  written.replaceAll(DURATIONS, (_, amount: string, unit: string) => String(Number(amount) * (UNIT_MS[unit] ?? 1)));

const toNumber =
  (node: FieldNode) =>
  (value: string): number => {
    const number = parseNumber(value);
    if (number === undefined) {
      const message = `${node.field} must be compared with a number, such as 500 or 2.5.`;
      throw new InvalidValueError(node, message, toMilliseconds);
    }
    return number;
  };

/** A number with all of its digits: attributes are compared exactly. */
const toTermNumber =
  (node: FieldNode) =>
  (value: string): TermNumber => {
    const number = toExactNumber(value);
    return number instanceof ExactNumber ? number.digits : toNumber(node)(value);
  };

/** `5xx` and `5*` as a range of three digits. */
const toHundreds = (value: string): string | undefined => {
  const [, digit] = /^([1-5])(?:xx|\*|\?\?)$/i.exec(value) ?? [];
  return digit === undefined ? undefined : `${digit}00..${digit}99`;
};

const compileLevel = (node: FieldNode): Clause => {
  const { match } = node;
  const bounds = toBounds(match, (value) => SEVERITY_NUMBERS[toLevel(node, value)]);
  if (bounds !== undefined) return range("severity.number", bounds);
  // SEVERE of flutter_logs is stored as fatal, that of all other loggers as error.
  if (match.op === "is" && match.value.toLowerCase() === "severe") return terms("severity.text", ["error", "fatal"]);
  if (match.op === "is") return term("severity.text", toLevel(node, match.value));
  return match.op === "like" ? wildcard("severity.text", match.pattern, true) : exists("severity.text");
};

interface TimeSpan {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Bounds of times. A time without a smaller unit stands for all of its day, minute or second. */
const toTimeBounds = (match: Match, parse: (value: string) => TimeSpan): NumberRange => {
  if (match.op === "range") {
    return {
      ...(match.from === undefined ? {} : { gte: parse(match.from).firstMs }),
      ...(match.to === undefined ? {} : { lte: parse(match.to).lastMs }),
    };
  }
  const { firstMs, lastMs } = parse(match.op === "is" || match.op === "compare" ? match.value : "");
  if (match.op !== "compare") return { gte: firstMs, lte: lastMs };
  const bounds = { ">": { gt: lastMs }, ">=": { gte: firstMs }, "<": { lt: firstMs }, "<=": { lte: lastMs } };
  return bounds[match.comparison];
};

const compileDate = (node: FieldNode, path: string, nowMs: number): Clause => {
  const { match } = node;
  if (match.op === "exists") return exists(path);
  const parse = (value: string): TimeSpan => {
    const span = parseTimeSpan(value, nowMs);
    if (span === undefined)
      throw new InvalidValueError(node, "Write a time that exists, as 2026-11-17T08:00:00Z, 2026-11-17 or now-15m.");
    return span;
  };
  return range(path, { ...toTimeBounds(match, parse), format: "epoch_millis" });
};

const toLikeText = (match: Match): string => (match.op === "like" ? match.pattern : "");

const compileNumber = (node: FieldNode, path: string): Clause => {
  const { match } = node;
  const bounds = toBounds(match, toNumber(node));
  if (bounds !== undefined) return range(path, bounds);
  const hundreds = match.op === "exists" ? undefined : toHundreds(match.op === "is" ? match.value : toLikeText(match));
  if (match.op === "like" || hundreds !== undefined) {
    const message = `${node.field} is a number and has no wildcards. Use a range, such as 500..599.`;
    throw new InvalidValueError(node, message, (written) => hundreds ?? written);
  }
  if (match.op === "is") return range(path, { gte: toNumber(node)(match.value), lte: toNumber(node)(match.value) });
  return exists(path);
};

const compileKeyword = (node: FieldNode, path: string): Clause => {
  const { match } = node;
  const toStoredId = STORED_IDS[path];
  switch (match.op) {
    case "is":
      return term(path, toStoredId?.(match.value) ?? match.value);
    case "like":
      return wildcard(path, toStoredId === undefined ? match.pattern : match.pattern.toLowerCase());
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

/** The largest value of fields with small whole numbers, such as Android's API level. */
const MAX_INTEGER = 999;

/** Compares whole numbers that are stored as text: the range becomes a list of values. */
const compileInteger = (node: FieldNode, path: string): Clause => {
  const bounds = toBounds(node.match, toNumber(node));
  if (bounds === undefined) return compileKeyword(node, path);
  const first = bounds.gte ?? (bounds.gt === undefined ? 0 : Math.floor(bounds.gt) + 1);
  const last = bounds.lte ?? (bounds.lt === undefined ? MAX_INTEGER : Math.ceil(bounds.lt) - 1);
  const values: string[] = [];
  for (let value = Math.max(Math.ceil(first), 0); value <= Math.min(last, MAX_INTEGER); value += 1) {
    values.push(String(value));
  }
  return values.length === 0 ? MATCH_NONE : terms(path, values);
};

/** A point on the map can only be tested for existence. */
const compilePoint = (node: FieldNode, path: string): Clause => {
  if (node.match.op === "exists") return exists(path);
  throw new InvalidValueError(
    node,
    `${node.field} is a position. Only ${node.field}:* can be searched for.`,
    () => "*",
  );
};

const compileText = (node: FieldNode, path: string): Clause => {
  const { match } = node;
  if (match.op === "is") return phrase(path, match.value);
  return match.op === "like" ? matchTextPattern(path, match.pattern) : compileKeyword(node, path);
};

const compilePath = (node: FieldNode, { kind, isInteger }: SearchField, path: string, nowMs: number): Clause => {
  switch (kind) {
    case "level":
      return compileLevel(node);
    case "date":
      return compileDate(node, path, nowMs);
    case "number":
      return compileNumber(node, path);
    case "keyword":
      return isInteger === true ? compileInteger(node, path) : compileKeyword(node, path);
    case "text":
      return compileText(node, path);
    case "point":
      return compilePoint(node, path);
  }
};

const keywordMatch = (path: string, text: string): Clause =>
  /[*?]/.test(text) ? wildcard(path, text) : term(path, text);

/**
 * Matches the topic of a message, which is not stored: `logs/{user}/{client}` consists of the app and the client.
 * `undefined` if the value is not such a topic.
 */
export const compileTopic = ({ match }: FieldNode): Clause | undefined => {
  const isMqtt = term("edgelog.transport", "mqtt");
  if (match.op === "exists") return isMqtt;
  const text = match.op === "is" ? match.value : toLikeText(match);
  if (text === LEGACY_TOPIC) return allOf([isMqtt, noneOf(exists("edgelog.client"))]);
  const [root, user = "*", client = "*", ...rest] = text.split("/");
  if (root !== "logs" || rest.length > 0) return undefined;
  return allOf([isMqtt, keywordMatch("edgelog.app", appOfUser(user)), keywordMatch("edgelog.client", client)]);
};

/** Matches any path of a known field. `nowMs` resolves relative times. */
export const compileKnownField = (node: FieldNode, field: SearchField, nowMs: number): Clause =>
  anyOf(field.paths.map((path) => compilePath(node, field, path, nowMs)));

/** Matches an attribute: text in its flat_object, which stores whole values; numbers by their terms. */
export const compileAttribute = (node: FieldNode): Clause => {
  const { match } = node;
  const { maps, name } = toAttributePath(node.field);
  const bounds = toBounds(match, toTermNumber(node));
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
  if (match.op !== "is" || match.isPhrase) return [];
  const exact = toExactNumber(match.value);
  const number = exact instanceof ExactNumber ? exact.digits : parseNumber(match.value);
  return number === undefined ? [] : [range(VALUES_FIELD, toTermRange(name, { gte: number, lte: number }))];
};
