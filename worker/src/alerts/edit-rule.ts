import { isDeepStrictEqual } from "node:util";
import type { AlertRule, AlertRuleInput } from "#contract/api/alerts.ts";

/**
 * The rule after an edit. It preserves the state. A notification that is not delivered stays pending if only the name or the webhook
 * changed: the edit may replace a webhook that does not work.
 */
export const editRule = (rule: AlertRule, input: AlertRuleInput, updatedAt: string): AlertRule => {
  const { id, createdAt, state } = rule;
  const { name, webhookUrl } = input;
  const edited: AlertRule = { ...input, id, createdAt, updatedAt, state };
  if (isDeepStrictEqual(edited, { ...rule, name, webhookUrl, updatedAt })) return edited;
  const { pending: _, ...rest } = state;
  return { ...edited, state: rest };
};
