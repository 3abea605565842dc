/**
 * What a count means for a rule: its next state, and whether the webhook is told. Pure.
 * Guarantee: between two messages of a rule lies its window at the least.
 */
import type { AlertRuleInput, AlertState } from "#contract/api/alerts.ts";

const MINUTE_MS = 60_000;

export interface Evaluation {
  readonly state: AlertState;
  readonly isToBeTold: boolean;
}

const isMet = ({ condition, threshold }: AlertRuleInput, count: number): boolean =>
  condition === "at_least" ? count >= threshold : count < threshold;

/** A silence ends by itself; what fired meanwhile is told then, if it still does. */
const isSilenced = ({ silencedUntil }: AlertRuleInput, nowMs: number): boolean =>
  silencedUntil !== undefined && nowMs < Date.parse(silencedUntil);

const isWithinWindow = ({ windowMinutes }: AlertRuleInput, { notifiedAt }: AlertState, nowMs: number): boolean =>
  notifiedAt !== undefined && nowMs - Date.parse(notifiedAt) < windowMinutes * MINUTE_MS;

export const evaluate = (rule: AlertRuleInput, previous: AlertState, count: number, nowMs: number): Evaluation => {
  const now = new Date(nowMs).toISOString();
  const status = isMet(rule, count) ? "firing" : "ok";
  const isToBeTold = status === "firing" && !isSilenced(rule, nowMs) && !isWithinWindow(rule, previous, nowMs);
  const { notifiedAt } = previous;
  return {
    isToBeTold,
    state: {
      status,
      count,
      checkedAt: now,
      since: status === previous.status ? (previous.since ?? now) : now,
      ...(isToBeTold ? { notifiedAt: now } : notifiedAt === undefined ? {} : { notifiedAt }),
    },
  };
};
