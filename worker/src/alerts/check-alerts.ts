/**
 * Checks all alert rules once. The Worker's cron trigger runs it every minute.
 */
import { isDeepStrictEqual } from "node:util";
import { MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";
import type { AlertRule, AlertState } from "#contract/api/alerts.ts";
import { logWarning } from "../logger.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { allOf } from "../query/clauses.ts";
import { compileQuery } from "../query/compile-query.ts";
import { inApps, inTime } from "../read/scope.ts";
import { listRules, replaceRule, replaceRules, type StoredRule } from "./alert-store.ts";
import { notify } from "./channels/channels.ts";
import { toMessage } from "./channels/send-webhook.ts";
import type { WebhookPolicy } from "./channels/webhook-url.ts";
import { countLogs, type LogSelection } from "./count-logs.ts";
import { evaluate } from "./evaluate.ts";

/** Notifications that are sent concurrently. A Worker may have six connections open. */
const CONCURRENCY = 4;

/** The time of the last check is written at least this often, even if nothing else changes. */
const MAX_STATE_AGE_MS = 10 * MINUTE_MS;

/** The window of a rule ends this long before the check: later logs may be in transit, or stored and not yet searchable. */
const SETTLE_MS = 10 * SECOND_MS;

/** The logs that a rule counts; `undefined` if its query is no longer valid. */
export const toSelection = ({ apps, q, windowMinutes }: AlertRule, nowMs: number): LogSelection | undefined => {
  const compiled = compileQuery(q, nowMs);
  if (!compiled.ok) return undefined;
  const toMs = nowMs - SETTLE_MS;
  const range = { fromMs: toMs - windowMinutes * MINUTE_MS, toMs };
  return { clause: allOf([inApps(apps), ...inTime(range), compiled.clause]), range };
};

interface CheckedRule {
  readonly stored: StoredRule;
  readonly state: AlertState;
  readonly shouldNotify: boolean;
}

/** Whether a state differs from the stored one, except for the time of a recent check. */
const isChanged = ({ checkedAt: before, ...previous }: AlertState, { checkedAt, ...next }: AlertState): boolean =>
  !isDeepStrictEqual(previous, next) ||
  before === undefined ||
  Date.parse(checkedAt ?? before) - Date.parse(before) >= MAX_STATE_AGE_MS;

const sendNotification = async ({ stored: { rule }, state }: CheckedRule, written: StoredRule, run: CheckRun) => {
  const { delivered, detail } = await notify(rule, toMessage(rule, state.count ?? 0), run.policy);
  if (delivered) return;
  // The message was not delivered: restoring the previous `notifiedAt` makes the next check retry.
  const { notifiedAt: _, ...rest } = state;
  const { notifiedAt } = rule.state;
  const restored = { ...rest, ...(notifiedAt === undefined ? {} : { notifiedAt }), lastError: detail };
  await replaceRule(run.client, written, { ...rule, state: restored });
};

interface CheckRun {
  readonly client: StoreClient;
  readonly policy: WebhookPolicy;
}

const logFailure = (error: unknown): void =>
  logWarning("an alert could not be checked", {
    error: error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : "unknown",
  });

const toFailed = (stored: StoredRule, lastError: string): CheckedRule => ({
  stored,
  state: { ...stored.rule.state, lastError },
  shouldNotify: false,
});

/** Counts the logs of the rules. A rule whose logs cannot be counted keeps its status, and its state says why. */
const evaluateRules = async (
  client: StoreClient,
  rules: readonly StoredRule[],
  nowMs: number,
): Promise<readonly CheckedRule[]> => {
  const selections = rules.map(({ rule }) => toSelection(rule, nowMs));
  const counts = await countLogs(
    client,
    selections.filter((selection) => selection !== undefined),
  );
  let next = 0;
  return rules.map((stored, i): CheckedRule => {
    const { rule } = stored;
    if (selections[i] === undefined) return toFailed(stored, "The query is invalid.");
    const counted = counts[next];
    next += 1;
    if (counted?.ok === true) return { stored, ...evaluate(rule, rule.state, counted.count, nowMs) };
    return toFailed(stored, counted?.detail ?? "The logs could not be counted.");
  });
};

/**
 * Counts with one request, writes the states that changed with one request, and notifies. A rule that fails does
 * not affect the others. Throws when the rules cannot be listed, counted or written.
 */
export const checkAlerts = async (client: StoreClient, nowMs: number, policy: WebhookPolicy): Promise<void> => {
  const rules = (await listRules(client)).filter(({ rule }) => rule.isEnabled);
  const checked = await evaluateRules(client, rules, nowMs);
  const changed = checked.filter(({ stored, state }) => isChanged(stored.rule.state, state));
  // The states are written before the messages are sent. A run that loses the write of a rule sends nothing for it.
  const written = await replaceRules(
    client,
    changed.map(({ stored, state }) => ({ current: stored, rule: { ...stored.rule, state } })),
  );
  const pending = changed.flatMap((each, i) => {
    const result = written[i];
    return each.shouldNotify && result !== undefined ? [{ each, result }] : [];
  });
  const notifyPending = async (): Promise<void> => {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      await sendNotification(next.each, next.result, { client, policy }).catch(logFailure);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, notifyPending));
};
