/**
 * Checks all alert rules once. The Worker's cron trigger runs it every minute.
 */
import { isDeepStrictEqual } from "node:util";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import type { AlertState } from "#contract/api/alerts.ts";
import { logWarning } from "../logger.ts";
import { messageOf } from "../message-of.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { fetchCountedToMs, listRules, putCountedToMs, replaceRules } from "./alert-store.ts";
import { notify } from "./channels/channels.ts";
import { toMessage } from "./channels/send-webhook.ts";
import type { WebhookPolicy } from "./channels/webhook-url.ts";
import {
  isClaimed,
  MAX_NOTIFY_MS,
  storeResults,
  toClaimed,
  toLate,
  toUndelivered,
  type Claim,
  type Result,
} from "./claims.ts";
import { evaluateRules, toWindowEnd } from "./evaluate-rules.ts";

/** Notifications that are sent concurrently. A Worker may have six connections open. */
const CONCURRENCY = 4;

/** The time of the last check is written at least this often, even if nothing else changes. */
const MAX_STATE_AGE_MS = 10 * MINUTE_MS;

/** Whether a state differs from the stored one, except for the time of a recent check. */
const isChanged = ({ checkedAt: before, ...previous }: AlertState, { checkedAt, ...next }: AlertState): boolean =>
  !isDeepStrictEqual(previous, next) ||
  before === undefined ||
  Date.parse(checkedAt ?? before) - Date.parse(before) >= MAX_STATE_AGE_MS;

/** Sends the notifications, those first that have not failed before. None is started after `endMs`. */
const sendAll = async (
  claims: readonly Claim[],
  nowMs: number,
  endMs: number,
  policy: WebhookPolicy,
  readTimeMs: () => number,
): Promise<readonly Result[]> => {
  const hasFailed = ({ checked }: Claim): number => (checked.stored.rule.state.lastError === undefined ? 0 : 1);
  const waiting = claims.toSorted((a, b) => hasFailed(b) - hasFailed(a));
  const results: Result[] = [];
  const sendWaiting = async (): Promise<void> => {
    for (let claim = waiting.pop(); claim !== undefined; claim = waiting.pop()) {
      const { checked, written, notification } = claim;
      const message = toMessage(written.rule, notification);
      const result = readTimeMs() > endMs ? undefined : await notify(written.rule, message, policy);
      const isDelivered = result?.delivered === true;
      results.push({ claim, state: isDelivered ? checked.state : toUndelivered(claim, nowMs, result?.detail) });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sendWaiting));
  return results;
};

/**
 * Counts with one request, writes the states that changed with one request, and notifies. A rule that fails does not affect the others.
 * Throws when the rules cannot be listed, counted or written; the next check then counts the windows that this one has missed.
 *
 * @param nowMs The time at which the check was due, in milliseconds since 1970.
 * @param clock Measures how long the check takes.
 */
export const checkAlerts = async (
  client: StoreClient,
  nowMs: number,
  policy: WebhookPolicy,
  clock: () => number = Date.now,
): Promise<void> => {
  const startMs = clock();
  const readTimeMs = (): number => nowMs + clock() - startMs;
  const stored = await listRules(client);
  const listedMs = readTimeMs();
  const rules = stored.filter(({ rule }) => rule.isEnabled && !isClaimed(rule.state, listedMs));
  if (rules.length === 0) return;
  const checked = await evaluateRules(client, rules, nowMs, await fetchCountedToMs(client));
  const changed = checked.filter((each) => isChanged(each.stored.rule.state, each.state));
  // The claims are written before the messages are sent. A run that loses the write of a rule sends nothing for it.
  const claimedMs = readTimeMs();
  const written = await replaceRules(
    client,
    changed.map((each) => ({
      current: each.stored,
      rule: { ...each.stored.rule, state: toClaimed(each, nowMs, claimedMs) },
    })),
  );
  await putCountedToMs(client, toWindowEnd(nowMs)).catch((error: unknown) =>
    logWarning("the time of the check of the alerts could not be written", { error: messageOf(error) }),
  );
  const claims = changed.flatMap((each, i): readonly Claim[] => {
    const result = written[i];
    const { notification } = each;
    return notification === undefined || result === undefined ? [] : [{ checked: each, notification, written: result }];
  });
  const results = await sendAll(claims, nowMs, claimedMs + MAX_NOTIFY_MS, policy, readTimeMs);
  await storeResults(client, toLate(results, nowMs, readTimeMs()));
};
