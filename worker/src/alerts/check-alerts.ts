/**
 * Checks all alert rules once. The Worker's cron trigger runs it every minute.
 */
import { isDeepStrictEqual } from "node:util";
import { MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";
import type { AlertRule, AlertState } from "#contract/api/alerts.ts";
import { logWarning } from "../logger.ts";
import { messageOf } from "../message-of.ts";
import type { StoreClient } from "../opensearch/client.ts";
import {
  fetchCountedToMs,
  listRules,
  putCountedToMs,
  replaceRules,
  type Replacement,
  type StoredRule,
} from "./alert-store.ts";
import { notify } from "./channels/channels.ts";
import { toMessage } from "./channels/send-webhook.ts";
import type { WebhookPolicy } from "./channels/webhook-url.ts";
import { evaluateRules, toWindowEnd, type CheckedRule } from "./evaluate-rules.ts";
import type { Notification } from "./evaluate.ts";

/** Notifications that are sent concurrently. A Worker may have six connections open. */
const CONCURRENCY = 4;

/**
 * No notification is started after this time, so that slow webhooks do not delay the next run of the cron line, which also counts usage.
 * The next check sends the others.
 */
const MAX_NOTIFY_MS = 35 * SECOND_MS;

/** The time of the last check is written at least this often, even if nothing else changes. */
const MAX_STATE_AGE_MS = 10 * MINUTE_MS;

/** Whether a state differs from the stored one, except for the time of a recent check. */
const isChanged = ({ checkedAt: before, ...previous }: AlertState, { checkedAt, ...next }: AlertState): boolean =>
  !isDeepStrictEqual(previous, next) ||
  before === undefined ||
  Date.parse(checkedAt ?? before) - Date.parse(before) >= MAX_STATE_AGE_MS;

/** A rule to notify for, whose state is already written. */
interface Claim {
  readonly checked: CheckedRule;
  readonly notification: Notification;
  readonly written: StoredRule;
}

/** The rule after a notification that was not delivered: the next check sends it again. */
const toUndelivered = ({ checked, notification }: Claim, nowMs: number, lastError?: string): AlertRule => {
  const { rule } = checked.stored;
  const { notifiedAt: _, ...rest } = checked.state;
  const { notifiedAt } = rule.state;
  const { count, at = new Date(nowMs).toISOString() } = notification;
  const state: AlertState = {
    ...rest,
    ...(notifiedAt === undefined ? {} : { notifiedAt }),
    ...(lastError === undefined ? {} : { lastError }),
    pending: { count, at },
  };
  return { ...rule, state };
};

/** Sends the notifications, those first that have not failed before. Returns the rules of those that were not delivered. */
const sendAll = async (
  claims: readonly Claim[],
  nowMs: number,
  policy: WebhookPolicy,
  clock: () => number,
): Promise<readonly Replacement[]> => {
  const hasFailed = ({ checked }: Claim): number => (checked.stored.rule.state.lastError === undefined ? 0 : 1);
  const waiting = claims.toSorted((a, b) => hasFailed(b) - hasFailed(a));
  const undelivered: Replacement[] = [];
  const endMs = clock() + MAX_NOTIFY_MS;
  const sendWaiting = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { written, notification } = next;
      const message = toMessage(written.rule, notification);
      const result = clock() > endMs ? undefined : await notify(written.rule, message, policy);
      if (result?.delivered === true) continue;
      undelivered.push({ current: written, rule: toUndelivered(next, nowMs, result?.detail) });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sendWaiting));
  return undelivered;
};

/**
 * Counts with one request, writes the states that changed with one request, and notifies. A rule that fails does not affect the others.
 * Throws when the rules cannot be listed, counted or written; the next check then counts the windows that this one has missed.
 */
export const checkAlerts = async (
  client: StoreClient,
  nowMs: number,
  policy: WebhookPolicy,
  clock: () => number = Date.now,
): Promise<void> => {
  const rules = (await listRules(client)).filter(({ rule }) => rule.isEnabled);
  if (rules.length === 0) return;
  const checked = await evaluateRules(client, rules, nowMs, await fetchCountedToMs(client));
  const changed = checked.filter(({ stored, state }) => isChanged(stored.rule.state, state));
  // The states are written before the messages are sent. A run that loses the write of a rule sends nothing for it.
  const written = await replaceRules(
    client,
    changed.map(({ stored, state }) => ({ current: stored, rule: { ...stored.rule, state } })),
  );
  await putCountedToMs(client, toWindowEnd(nowMs)).catch((error: unknown) =>
    logWarning("the time of the check of the alerts could not be written", { error: messageOf(error) }),
  );
  const claims = changed.flatMap((each, i): readonly Claim[] => {
    const result = written[i];
    const { notification } = each;
    return notification === undefined || result === undefined ? [] : [{ checked: each, notification, written: result }];
  });
  await replaceRules(client, await sendAll(claims, nowMs, policy, clock));
};
