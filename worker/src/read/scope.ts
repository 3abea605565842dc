/**
 * Determines the logs that a request covers: the requested ones, limited to the apps of the reader. This is the only place
 * where a reader's apps become a filter, and every read route uses it.
 */
import type { ReadFilter } from "#contract/api/read-filter.ts";
import type { QueryHint } from "#contract/query/ast.ts";
import { SEVERITY_NUMBERS } from "#contract/wire/severity.ts";
import { FailureError } from "../failure.ts";
import { allOf, anyOf, range, term, type Clause } from "../query/clauses.ts";
import { compileQuery, type CompiledQuery } from "../query/compile-query.ts";
import { parseTime } from "#contract/query/parse-time.ts";

/** The requested apps, or all apps that the reader may read. Throws `forbidden_app`. */
export const toApps = (requested: string | undefined, readable: readonly string[]): readonly string[] => {
  const apps = (requested ?? "").split(",").filter((app) => app !== "");
  if (apps.length === 0) return readable;
  if (apps.every((app) => readable.includes(app))) return apps;
  throw new FailureError({ kind: "forbidden_app" });
};

/** Logs and rejected events store their app in the same field. */
export const inApps = (apps: readonly string[]): Clause => ({ terms: { "edgelog.app": apps } });

/** Start inclusive, end exclusive, in milliseconds since 1970. `undefined` is an open end. */
export interface TimeRange {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

/** The time range that is open at both ends. */
export const FULL_TIME_RANGE: TimeRange = { fromMs: undefined, toMs: undefined };

export const toTimeRange = (from: string | undefined, to: string | undefined, nowMs: number): TimeRange => ({
  fromMs: from === undefined ? undefined : parseTime(from, nowMs),
  toMs: to === undefined ? undefined : parseTime(to, nowMs),
});

export const inTime = ({ fromMs, toMs }: TimeRange): readonly Clause[] => {
  if (fromMs === undefined && toMs === undefined) return [];
  const bounds = { ...(fromMs === undefined ? {} : { gte: fromMs }), ...(toMs === undefined ? {} : { lt: toMs }) };
  return [range("@timestamp", { ...bounds, format: "epoch_millis" })];
};

const compile = (q: string, nowMs: number): Extract<CompiledQuery, { ok: true }> => {
  const compiled = compileQuery(q, nowMs);
  if (compiled.ok) return compiled;
  throw new FailureError({ kind: "invalid_query", error: compiled.error });
};

const matchesAny = (paths: readonly string[], value: string | undefined): readonly Clause[] =>
  value === undefined ? [] : [anyOf(paths.map((path) => term(path, value)))];

/** The apps, time range and search clause of a request. */
export interface ReadScope extends TimeRange {
  readonly apps: readonly string[];
  readonly clause: Clause;
  /** Remarks on the query, and those that apply if no log matches. */
  readonly hints: readonly QueryHint[];
  readonly emptyHints: readonly QueryHint[];
}

/**
 * The scope of a request. Throws `forbidden_app` or `invalid_query`.
 *
 * @param readable Apps that the reader may read.
 */
export const toReadScope = (filter: Partial<ReadFilter>, readable: readonly string[], nowMs: number): ReadScope => {
  const apps = toApps(filter.app, readable);
  const time = toTimeRange(filter.from, filter.to, nowMs);
  const { severity } = filter;
  const { clause: queryClause, hints, emptyHints } = compile(filter.q ?? "", nowMs);
  const clause = allOf([
    inApps(apps),
    ...inTime(time),
    ...(severity === undefined ? [] : [range("severity.number", { gte: SEVERITY_NUMBERS[severity] })]),
    ...matchesAny(["user.id", "user.name", "user.email"], filter.user),
    ...matchesAny(["session.id"], filter.session),
    ...matchesAny(["organization.id", "organization.name"], filter.organization),
    queryClause,
  ]);
  return { apps, clause, hints, emptyHints, ...time };
};
