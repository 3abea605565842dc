/**
 * A check stores a claim before it sends a notification, and the result afterwards. If the check ends in between, the claim expires,
 * and the next check sends the notification.
 */
import type { AlertState } from "#contract/api/alerts.ts";
import { MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";
import { logWarning } from "../logger.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { listRules, replaceRules, type Replacement, type StoredRule } from "./alert-store.ts";
import { WEBHOOK_TIMEOUT_MS } from "./channels/send-webhook.ts";
import { toWindowEnd, type CheckedRule } from "./evaluate-rules.ts";
import { isRecent, type Notification } from "./evaluate.ts";

/**
 * No notification is started later than this after its claim, so that slow webhooks do not delay the next run of the cron line, which
 * also counts usage. The next check sends the others.
 */
export const MAX_NOTIFY_MS = 35 * SECOND_MS;

/** The time in which a check may still be sending. Shorter than a minute, so that the next check finds an expired claim. */
const MAX_CLAIM_MS = MAX_NOTIFY_MS + WEBHOOK_TIMEOUT_MS + 5 * SECOND_MS;

/** Whether another check may be sending a notification of this rule. */
export const isClaimed = ({ pending }: AlertState, nowMs: number): boolean =>
  pending?.claimedAt !== undefined && isRecent(nowMs, Date.parse(pending.claimedAt), MAX_CLAIM_MS);

/** A notification whose claim is written. */
export interface Claim {
  readonly checked: CheckedRule;
  readonly notification: Notification;
  readonly written: StoredRule;
}

/** The state while a notification is not delivered. Evaluation returns the state after its delivery. */
const toPending = (
  { stored, state }: CheckedRule,
  nowMs: number,
  { count, at = new Date(nowMs).toISOString() }: Notification,
  claim: { readonly claimedAt?: string } = {},
): AlertState => {
  const { notifiedAt: _, ...rest } = state;
  const { notifiedAt } = stored.rule.state;
  return { ...rest, ...(notifiedAt === undefined ? {} : { notifiedAt }), pending: { count, at, ...claim } };
};

/** Other checks do not count a claimed rule, so the windows after that of its check are missed. */
const withMissed = ({ rule }: StoredRule, state: AlertState, nowMs: number): AlertState =>
  rule.condition === "less_than" ? state : { ...state, missed: { from: new Date(toWindowEnd(nowMs)).toISOString() } };

/** The state with the claim of its notification, if it has one. */
export const toClaimed = (checked: CheckedRule, nowMs: number, claimedMs: number): AlertState => {
  const { notification, state, stored } = checked;
  if (notification === undefined) return state;
  const claim = { claimedAt: new Date(claimedMs).toISOString() };
  return withMissed(stored, toPending(checked, nowMs, notification, claim), nowMs);
};

/** The state after a notification that was not delivered: the next check sends it again. */
export const toUndelivered = ({ checked, notification }: Claim, nowMs: number, lastError?: string): AlertState => ({
  ...toPending(checked, nowMs, notification),
  ...(lastError === undefined ? {} : { lastError }),
});

/** The state of a rule after its notification was delivered or not. */
export interface Result {
  readonly claim: Claim;
  readonly state: AlertState;
}

/** Results whose rules the next check has not counted, if it was due before `endMs`. */
export const toLate = (results: readonly Result[], nowMs: number, endMs: number): readonly Result[] =>
  endMs < nowMs + MINUTE_MS
    ? results
    : results.map(({ claim, state }) => ({ claim, state: withMissed(claim.written, state, nowMs) }));

/** The state of a rule that was edited while its notification was sent; `undefined` if it does not change. */
const toEditedState = ({ pending, ...current }: AlertState, { claim, state }: Result): AlertState | undefined => {
  if (pending?.claimedAt === claim.written.rule.state.pending?.claimedAt) return state;
  // The edit has removed the notification, or another check has claimed it after the claim expired.
  const isDelivered = state.pending === undefined;
  return isDelivered && pending === undefined ? { ...current, notifiedAt: state.notifiedAt } : undefined;
};

/** Writes the results, also those of rules that were edited meanwhile. */
export const storeResults = async (client: StoreClient, results: readonly Result[]): Promise<void> => {
  const written = await replaceRules(
    client,
    results.map(({ claim, state }) => ({ current: claim.written, rule: { ...claim.written.rule, state } })),
  );
  const conflicts = results.filter((_, i) => written[i] === undefined);
  if (conflicts.length === 0) return;
  const stored = new Map((await listRules(client)).map((each) => [each.rule.id, each]));
  const replacements = conflicts.flatMap((result): readonly Replacement[] => {
    const current = stored.get(result.claim.written.rule.id);
    if (current === undefined) return [];
    const state = toEditedState(current.rule.state, result);
    return state === undefined ? [] : [{ current, rule: { ...current.rule, state } }];
  });
  const lost = (await replaceRules(client, replacements)).filter((each) => each === undefined);
  if (lost.length > 0) logWarning("notifications of alerts may be sent again", { count: lost.length });
};
