/**
 * Which logs a request may see and asks for: the one place where a reader's apps become a filter. Every route of the
 * read side builds its query from here, so that none can forget it.
 */
import type { ReadFilter } from "#contract/api/read-filter.ts";
import { SEVERITY_NUMBERS } from "#contract/wire/severity.ts";
import { ProblemError } from "../http/problem.ts";
import { allOf, anyOf, range, term, type Clause } from "../query/clauses.ts";
import { compileQuery } from "../query/compile-query.ts";
import { parseTime } from "#contract/query/parse-time.ts";

/** The apps that are asked for, or all that the reader may read. */
export const toApps = (wanted: string | undefined, readable: readonly string[]): readonly string[] => {
  const apps = (wanted ?? "").split(",").filter((app) => app !== "");
  if (apps.length === 0) return readable;
  if (apps.every((app) => readable.includes(app))) return apps;
  throw new ProblemError({
    status: 403,
    reason: "forbidden_app",
    detail: "This token may not read that app.",
    field: "app",
  });
};

/** Logs and rejected payloads name their app in the same field. */
export const inApps = (apps: readonly string[]): Clause => ({ terms: { "edgelog.app": apps } });

export interface TimeRange {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

export const toTimeRange = (from: string | undefined, to: string | undefined, nowMs: number): TimeRange => ({
  fromMs: from === undefined ? undefined : parseTime(from, nowMs),
  toMs: to === undefined ? undefined : parseTime(to, nowMs),
});

export const inTime = ({ fromMs, toMs }: TimeRange): readonly Clause[] => {
  if (fromMs === undefined && toMs === undefined) return [];
  const bounds = { ...(fromMs === undefined ? {} : { gte: fromMs }), ...(toMs === undefined ? {} : { lt: toMs }) };
  return [range("@timestamp", { ...bounds, format: "epoch_millis" })];
};

const compile = (q: string): Clause => {
  const compiled = compileQuery(q);
  if (compiled.ok) return compiled.clause;
  const { message, offset, length } = compiled.error;
  throw new ProblemError({ status: 400, reason: "invalid_query", detail: message, field: "q", offset, length });
};

const isAny = (paths: readonly string[], value: string | undefined): readonly Clause[] =>
  value === undefined ? [] : [anyOf(paths.map((path) => term(path, value)))];

/** What a request is about, ready to be asked for. */
export interface ReadScope extends TimeRange {
  readonly apps: readonly string[];
  readonly clause: Clause;
}

export const toReadScope = (filter: Partial<ReadFilter>, readable: readonly string[], nowMs: number): ReadScope => {
  const apps = toApps(filter.app, readable);
  const time = toTimeRange(filter.from, filter.to, nowMs);
  const { severity } = filter;
  const clause = allOf([
    inApps(apps),
    ...inTime(time),
    ...(severity === undefined ? [] : [range("severity.number", { gte: SEVERITY_NUMBERS[severity] })]),
    ...isAny(["user.id", "user.name", "user.email"], filter.user),
    ...isAny(["session.id"], filter.session),
    ...isAny(["organization.id", "organization.name"], filter.organization),
    compile(filter.q ?? ""),
  ]);
  return { apps, clause, ...time };
};
