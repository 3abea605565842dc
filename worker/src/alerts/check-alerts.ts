/**
 * Checks all alert rules once. The Worker's cron trigger runs it every minute.
 */
import { MINUTE_MS } from "#contract/wire/durations.ts";
import type { AlertRule } from "#contract/api/alerts.ts";
import { logWarning } from "../logger.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { allOf, type Clause } from "../query/clauses.ts";
import { compileQuery } from "../query/compile-query.ts";
import { aggregate } from "../read/aggregate.ts";
import { inApps, inTime } from "../read/scope.ts";
import { listRules, replaceRule, type StoredRule } from "./alert-store.ts";
import { notify } from "./channels/channels.ts";
import { toMessage } from "./channels/send-webhook.ts";
import type { WebhookPolicy } from "./channels/webhook-url.ts";
import { evaluate } from "./evaluate.ts";

/** Rules that are checked concurrently. A Worker may have six connections open. */
const CONCURRENCY = 4;

/** The logs that a rule counts; `undefined` if its query is no longer valid. */
export const toRuleClause = ({ apps, q, windowMinutes }: AlertRule, nowMs: number): Clause | undefined => {
  const compiled = compileQuery(q, nowMs);
  if (!compiled.ok) return undefined;
  const time = { fromMs: nowMs - windowMinutes * MINUTE_MS, toMs: nowMs };
  return allOf([inApps(apps), ...inTime(time), compiled.clause]);
};

const checkRule = async (
  client: StoreClient,
  stored: StoredRule,
  nowMs: number,
  policy: WebhookPolicy,
): Promise<void> => {
  const { rule } = stored;
  const clause = toRuleClause(rule, nowMs);
  if (clause === undefined) {
    await replaceRule(client, stored, { ...rule, state: { ...rule.state, lastError: "The query is invalid." } });
    return;
  }
  const { total } = await aggregate(client, clause, {});
  const { state, shouldNotify } = evaluate(rule, rule.state, total, nowMs);
  // The state is written before the message is sent. A run that loses the write sends nothing.
  const written = await replaceRule(client, stored, { ...rule, state });
  if (written === undefined || !shouldNotify) return;
  const { delivered, detail } = await notify(rule, toMessage(rule, total), policy);
  if (delivered) return;
  // The message was not delivered: restoring the previous `notifiedAt` makes the next check retry.
  const { notifiedAt: _, ...rest } = state;
  const { notifiedAt } = rule.state;
  const restored = { ...rest, ...(notifiedAt === undefined ? {} : { notifiedAt }), lastError: detail };
  await replaceRule(client, written, { ...rule, state: restored });
};

/**
 * Counts, stores the new states and notifies. A rule that fails is logged and does not affect the others.
 * Throws when the rules cannot be listed.
 */
export const checkAlerts = async (client: StoreClient, nowMs: number, policy: WebhookPolicy): Promise<void> => {
  const pending = (await listRules(client)).filter(({ rule }) => rule.isEnabled);
  const checkPending = async (): Promise<void> => {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      await checkRule(client, next, nowMs, policy).catch((error: unknown) =>
        logWarning("an alert could not be checked", {
          error: error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : "unknown",
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, checkPending));
};
