/**
 * Predicts whether a log that is not stored yet will match the filter. It returns `true` only if the match is certain; any
 * other log appears once it is stored. Pure.
 */
import { readField } from "#contract/query/fields.ts";
import type { LogDocument } from "#contract/store/log-document.ts";
import { parseQuery } from "#contract/query/parse.ts";
import type { Comparison, QueryNode } from "#contract/query/ast.ts";
import { SEVERITIES, SEVERITY_NUMBERS, type Severity } from "#contract/wire/severity.ts";
import type { Filter } from "../../address.ts";
import { toEpochMs } from "../../lib/to-epoch-ms.ts";

export type TailFilter = (log: LogDocument) => boolean;

const WORD = /^[\p{L}\p{N}_]+$/u;
/** Characters at which OpenSearch's analyzer always splits words. */
const SEPARATORS = /[\s,;()[\]{}"<>!?=/|]+/;
/** Characters that do not belong to a word at its edges. */
const EDGES = ".:'-";

/** An index, because an expression would scan a run of these characters from each of them. */
const trimEdges = (part: string): string => {
  let [start, end] = [0, part.length];
  while (start < end && EDGES.includes(part.charAt(start))) start += 1;
  while (end > start && EDGES.includes(part.charAt(end - 1))) end -= 1;
  return part.slice(start, end);
};

const hasWord = (text: unknown, word: string): boolean =>
  typeof text === "string" &&
  text
    .toLowerCase()
    .split(SEPARATORS)
    .some((part) => trimEdges(part) === word);

const toSeverity = (text: string): Severity | undefined => SEVERITIES.find((name) => name === text.toLowerCase());

const compare: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
};

type FieldNode = Extract<QueryNode, { kind: "field" }>;

/** These tests are exact, even when they return `false`, so they may be negated. */
const toFieldTest = ({ field, match }: FieldNode): TailFilter | undefined => {
  if (field === "app" && match.op === "is") return (log) => log.edgelog.app === match.value;
  if (field !== "level" || (match.op !== "is" && match.op !== "compare")) return undefined;
  const severity = toSeverity(match.value);
  if (severity === undefined) return undefined;
  const bound = SEVERITY_NUMBERS[severity];
  if (match.op === "is") return (log) => log.severity.number === bound;
  const satisfies = compare[match.comparison];
  return (log) => satisfies(log.severity.number, bound);
};

const toTest = (node: QueryNode): TailFilter | undefined => {
  switch (node.kind) {
    case "and":
    case "or": {
      const tests = node.nodes.map(toTest);
      if (!tests.every((test) => test !== undefined)) return undefined;
      return node.kind === "and" ? (log) => tests.every((test) => test(log)) : (log) => tests.some((test) => test(log));
    }
    case "not": {
      const test = node.node.kind === "field" ? toFieldTest(node.node) : undefined;
      return test && ((log) => !test(log));
    }
    case "text": {
      const { match } = node;
      if (match.op !== "is" || !WORD.test(match.value)) return undefined;
      const word = match.value.toLowerCase();
      return (log) => hasWord(log.body, word) || hasWord(readField(log, "exception.message"), word);
    }
    case "field":
      return toFieldTest(node);
  }
};

/** Returns the predicate, or `undefined` if the query is too complex to be predicted. */
export const createTailFilter = ({ q, severity, app, from, to }: Filter): TailFilter | undefined => {
  const parsed = parseQuery(q);
  if (!parsed.ok || to !== "") return undefined;
  const matches = parsed.query === undefined ? () => true : toTest(parsed.query);
  if (matches === undefined) return undefined;
  const lowest = SEVERITY_NUMBERS[severity];
  const apps = app === "" ? undefined : new Set(app.split(","));
  return (log) =>
    log.severity.number >= lowest &&
    (apps?.has(log.edgelog.app) ?? true) &&
    (from === "" || Date.parse(log["@timestamp"]) >= toEpochMs(from)) &&
    matches(log);
};
