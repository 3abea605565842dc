/**
 * Checks all rules once; the Worker's cron trigger calls it every minute.
 */
import type { AlertRule } from "#contract/api/alerts.ts";
import { logTrouble } from "../logger.ts";
import { aggregate } from "../read/aggregate.ts";
import { listRules, replaceRule, type StoredRule } from "./alert-store.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { allOf, type Clause } from "../query/clauses.ts";
import { compileQuery } from "../query/compile-query.ts";
import { inApps, inTime } from "../read/scope.ts";
import { evaluate } from "./evaluate.ts";
import { sendWebhook, toMessage } from "./channels/send-webhook.ts";

const MINUTE_MS = 60_000;

/** Rules at a time. A Worker may have six connections open. */
const CONCURRENCY = 4;

/** The logs that a rule counts; `undefined` where its query is not understood any more. */
export const toRuleClause = ({ apps, q, windowMinutes }: AlertRule, nowMs: number): Clause | undefined => {
  const compiled = compileQuery(q);
  if (!compiled.ok) return undefined;
  const time = { fromMs: nowMs - windowMinutes * MINUTE_MS, toMs: nowMs };
  return allOf([inApps(apps), ...inTime(time), compiled.clause]);
};

const checkRule = async (
  client: StoreClient,
  stored: StoredRule,
  nowMs: number,
  isPrivateAllowed: boolean,
): Promise<void> => {
  const { rule } = stored;
  const clause = toRuleClause(rule, nowMs);
  if (clause === undefined) {
    await replaceRule(client, stored, { ...rule, state: { ...rule.state, trouble: "The query is not understood." } });
    return;
  }
  const { total } = await aggregate(client, clause, {});
  const { state, isToBeTold } = evaluate(rule, rule.state, total, nowMs);
  // The message is claimed before it is sent. Who loses the claim stays silent.
  const claimed = await replaceRule(client, stored, { ...rule, state });
  if (claimed === undefined || !isToBeTold) return;
  const { delivered, detail } = await sendWebhook(rule.webhookUrl, toMessage(rule, total), isPrivateAllowed);
  if (delivered) return;
  // Not told: the claim is given back, and the next check tries again.
  const { notifiedAt: _, ...rest } = state;
  const { notifiedAt } = rule.state;
  const released = { ...rest, ...(notifiedAt === undefined ? {} : { notifiedAt }), trouble: detail };
  await replaceRule(client, claimed, { ...rule, state: released });
};

/** A rule that can't be checked does not keep the others from it. */
export const checkAlerts = async (client: StoreClient, nowMs: number, isPrivateAllowed: boolean): Promise<void> => {
  const waiting = (await listRules(client)).filter(({ rule }) => rule.isEnabled);
  const take = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      await checkRule(client, next, nowMs, isPrivateAllowed).catch((error: unknown) =>
        logTrouble("an alert could not be checked", { error: error instanceof Error ? error.name : "unknown" }),
      );
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, take));
};
