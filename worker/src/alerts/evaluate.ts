/**
 * Evaluates a rule against a count: its next state, and whether to notify. Pure.
 * Guarantee: two notifications of a rule are at least its window apart.
 */
import { MINUTE_MS } from "#contract/wire/durations.ts";
import type { AlertRuleInput, AlertState } from "#contract/api/alerts.ts";

export interface Evaluation {
  readonly state: AlertState;
  readonly shouldNotify: boolean;
}

const isMet = ({ condition, threshold }: AlertRuleInput, count: number): boolean =>
  condition === "at_least" ? count >= threshold : count < threshold;

/** A rule that started to fire while it was silenced notifies when the silence ends, if it still fires then. */
const isSilenced = ({ silencedUntil }: AlertRuleInput, nowMs: number): boolean =>
  silencedUntil !== undefined && nowMs < Date.parse(silencedUntil);

const isWithinWindow = ({ windowMinutes }: AlertRuleInput, { notifiedAt }: AlertState, nowMs: number): boolean =>
  notifiedAt !== undefined && nowMs - Date.parse(notifiedAt) < windowMinutes * MINUTE_MS;

/** @param count Number of logs that the rule matched in its window. */
export const evaluate = (rule: AlertRuleInput, previous: AlertState, count: number, nowMs: number): Evaluation => {
  const now = new Date(nowMs).toISOString();
  const status = isMet(rule, count) ? "firing" : "ok";
  const shouldNotify = status === "firing" && !isSilenced(rule, nowMs) && !isWithinWindow(rule, previous, nowMs);
  const { notifiedAt } = previous;
  return {
    shouldNotify,
    state: {
      status,
      count,
      checkedAt: now,
      since: status === previous.status ? (previous.since ?? now) : now,
      ...(shouldNotify ? { notifiedAt: now } : notifiedAt === undefined ? {} : { notifiedAt }),
    },
  };
};
