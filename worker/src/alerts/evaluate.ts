/**
 * Evaluates a rule against its counts: its next state, and what to notify. Pure.
 * Guarantee: two notifications of a rule are at least its window apart, unless the delivery of the first could not be stored.
 */
import { MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";
import type { AlertRuleInput, AlertState } from "#contract/api/alerts.ts";
import { isYounger } from "../is-younger.ts";

/** A window in which the condition was met. */
export interface Notification {
  readonly count: number;
  /** End of the window. Absent: it is the current one. */
  readonly at?: string;
}

export interface Evaluation {
  /** The next state, after the notification was delivered. */
  readonly state: AlertState;
  readonly notification: Notification | undefined;
}

const isMet = ({ condition, threshold }: AlertRuleInput, count: number): boolean =>
  condition === "at_least" ? count >= threshold : count < threshold;

/** A rule that started to fire while it was silenced notifies when the silence ends, if it still fires then. */
const isSilenced = ({ silencedUntil }: AlertRuleInput, nowMs: number): boolean =>
  silencedUntil !== undefined && nowMs < Date.parse(silencedUntil);

/** Checks run on several servers, whose clocks differ. */
const MAX_CLOCK_SKEW_MS = 30 * SECOND_MS;

/** Whether a check, possibly of another server, wrote `sinceMs` less than `maxMs` ago. */
export const isRecent = (nowMs: number, sinceMs: number, maxMs: number): boolean =>
  isYounger(nowMs + MAX_CLOCK_SKEW_MS, sinceMs, maxMs + MAX_CLOCK_SKEW_MS);

const isWithinWindow = ({ windowMinutes }: AlertRuleInput, { notifiedAt }: AlertState, nowMs: number): boolean =>
  notifiedAt !== undefined && isRecent(nowMs, Date.parse(notifiedAt), windowMinutes * MINUTE_MS);

/**
 * The next state has no `pending` and no `missed`: the caller adds them.
 *
 * @param count Number of logs that the rule matched in its window.
 * @param missed The largest of the windows that no check has counted.
 */
export const evaluate = (
  rule: AlertRuleInput,
  previous: AlertState,
  count: number,
  nowMs: number,
  missed?: Notification,
): Evaluation => {
  const now = new Date(nowMs).toISOString();
  const status = isMet(rule, count) ? "firing" : "ok";
  const missedMet = missed !== undefined && isMet(rule, missed.count) ? missed : undefined;
  const met = status === "firing" ? { count } : (missedMet ?? previous.pending);
  const notification = isSilenced(rule, nowMs) || isWithinWindow(rule, previous, nowMs) ? undefined : met;
  const { notifiedAt } = previous;
  return {
    notification,
    state: {
      status,
      count,
      checkedAt: now,
      since: status === previous.status ? (previous.since ?? now) : now,
      ...(notification !== undefined ? { notifiedAt: now } : notifiedAt === undefined ? {} : { notifiedAt }),
    },
  };
};
