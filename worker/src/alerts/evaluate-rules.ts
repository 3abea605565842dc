/**
 * Counts the logs of rules, and evaluates them: also the windows that earlier checks have missed.
 */
import type { AlertRule, AlertState } from "#contract/api/alerts.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { allOf } from "../query/clauses.ts";
import { compileQuery } from "../query/compile-query.ts";
import { inApps, inTime } from "../read/scope.ts";
import type { StoredRule } from "./alert-store.ts";
import { countLogs, type LogSelection } from "./count-logs.ts";
import { evaluate, type Evaluation, type Notification } from "./evaluate.ts";
import { countMissed, findMissed, type Missed, type MissedSelection } from "./missed-windows.ts";

/** The window of a rule ends this long before the check: later logs may be in transit, or stored and not yet searchable. */
const SETTLE_MS = 10 * SECOND_MS;

/** A notification that the webhook does not accept is sent again for this time. */
const MAX_PENDING_MS = DAY_MS;

/** End of the windows of a check. */
export const toWindowEnd = (nowMs: number): number => nowMs - SETTLE_MS;

/** The logs that match a rule in the windows that end after `fromMs` and until `toMs`; `undefined` if its query is no longer valid. */
const select = (
  { apps, q, windowMinutes }: AlertRule,
  { fromMs, toMs }: Missed,
  nowMs: number,
): LogSelection | undefined => {
  const compiled = compileQuery(q, nowMs);
  if (!compiled.ok) return undefined;
  const range = { fromMs: fromMs - windowMinutes * MINUTE_MS, toMs };
  return { clause: allOf([inApps(apps), ...inTime(range), compiled.clause]), range };
};

/** The logs that a rule counts; `undefined` if its query is no longer valid. */
export const toSelection = (rule: AlertRule, nowMs: number): LogSelection | undefined => {
  const toMs = toWindowEnd(nowMs);
  return select(rule, { fromMs: toMs, toMs }, nowMs);
};

const toMissedSelection = (rule: AlertRule, missed: Missed, nowMs: number): MissedSelection | undefined => {
  const selection = select(rule, missed, nowMs);
  return selection && { missed, windowMinutes: rule.windowMinutes, selection };
};

/** Maps the defined values with one call. */
const mapDefined = async <T, R>(
  values: readonly (T | undefined)[],
  map: (defined: readonly T[]) => Promise<readonly R[]>,
): Promise<readonly (R | undefined)[]> => {
  const results = [...(await map(values.filter((value) => value !== undefined)))];
  return values.map((value) => (value === undefined ? undefined : results.shift()));
};

export interface CheckedRule extends Evaluation {
  readonly stored: StoredRule;
}

/** The state without a notification that is too old. */
const withoutOldPending = ({ state }: AlertRule, nowMs: number): AlertState => {
  const { pending, ...rest } = state;
  return pending !== undefined && Date.parse(pending.at) < nowMs - MAX_PENDING_MS ? rest : state;
};

/** The state of a rule whose logs cannot be counted: it keeps its status, and its missed windows are counted later. */
const toFailed = (stored: StoredRule, lastError: string, fromMs: number): CheckedRule => {
  const { state, condition } = stored.rule;
  const from = state.missed?.from ?? new Date(fromMs).toISOString();
  const missed = condition === "less_than" ? {} : { missed: { from } };
  return { stored, state: { ...state, lastError, ...missed }, notification: undefined };
};

interface Counted {
  readonly count: number;
  readonly missed: Missed | undefined;
  /** The largest of the missed windows. */
  readonly largest: Notification | undefined;
}

const toChecked = (stored: StoredRule, { count, missed, largest }: Counted, nowMs: number): CheckedRule => {
  const { rule } = stored;
  const { state, notification } = evaluate(rule, withoutOldPending(rule, nowMs), count, nowMs, largest);
  // After a notification they are not counted again: it would be sent a second time for the same logs.
  if (missed === undefined || notification !== undefined) return { stored, state, notification };
  const range = { from: new Date(missed.fromMs).toISOString(), to: new Date(missed.toMs).toISOString() };
  return { stored, state: { ...state, missed: range }, notification };
};

/**
 * Throws `StoreUnavailableError` if OpenSearch does not respond at all.
 *
 * @param countedToMs End of the windows of the last check.
 */
export const evaluateRules = async (
  client: StoreClient,
  rules: readonly StoredRule[],
  nowMs: number,
  countedToMs: number | undefined,
): Promise<readonly CheckedRule[]> => {
  const toMs = toWindowEnd(nowMs);
  const selections = rules.map(({ rule }) => toSelection(rule, nowMs));
  const counts = await mapDefined(selections, (defined) => countLogs(client, defined));
  const missed = rules.map(({ rule }, i) => (counts[i]?.ok === true ? findMissed(rule, toMs, countedToMs) : undefined));
  const missedSelections = rules.map(({ rule }, i) => missed[i] && toMissedSelection(rule, missed[i], nowMs));
  const largest = await mapDefined(missedSelections, (defined) => countMissed(client, defined));
  return rules.map((stored, i) => {
    const counted = counts[i];
    if (counted?.ok === true) {
      return toChecked(stored, { count: counted.count, missed: missed[i], largest: largest[i] }, nowMs);
    }
    return toFailed(stored, counted?.detail ?? "The query is invalid.", countedToMs ?? toMs - MINUTE_MS);
  });
};
