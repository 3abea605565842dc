/**
 * The channels over which an alert notifies, one row per channel. A row names the field of a rule that holds the
 * channel's address.
 */
import type { AlertRule, AlertRuleInput, AlertTestResponse } from "#contract/api/alerts.ts";
import type { WebhookRefusal } from "../../failure.ts";
import { redactWebhook, refuseWebhook } from "./webhook-url.ts";
import { sendWebhook } from "./send-webhook.ts";

interface AlertChannel {
  readonly field: "webhookUrl";
  /** The reason for which an address is not accepted; `undefined` if it is accepted. */
  readonly refuse: (address: string, isPrivateAllowed: boolean) => WebhookRefusal | undefined;
  /** The address as shown to readers who may not change the rule. */
  readonly redact: (address: string) => string;
  /** Sends a message. Never throws. */
  readonly send: (address: string, text: string, isPrivateAllowed: boolean) => Promise<AlertTestResponse>;
}

const ALERT_CHANNELS: readonly AlertChannel[] = [
  { field: "webhookUrl", refuse: refuseWebhook, redact: redactWebhook, send: sendWebhook },
];

/** The first address of a rule that is not accepted; `undefined` if all are. */
export const refuseAddresses = (
  rule: AlertRuleInput,
  isPrivateAllowed: boolean,
): { readonly field: string; readonly refusal: WebhookRefusal } | undefined => {
  for (const { field, refuse } of ALERT_CHANNELS) {
    const refusal = refuse(rule[field], isPrivateAllowed);
    if (refusal !== undefined) return { field, refusal };
  }
  return undefined;
};

/** A copy of the rule whose addresses are safe to show: an address may contain a secret. */
export const redactAddresses = (rule: AlertRule): AlertRule => ({
  ...rule,
  ...Object.fromEntries(ALERT_CHANNELS.map(({ field, redact }) => [field, redact(rule[field])])),
});

/** Sends a message over all channels of a rule. Returns the first failure, or the last success. */
export const notify = async (
  rule: AlertRuleInput,
  text: string,
  isPrivateAllowed: boolean,
): Promise<AlertTestResponse> => {
  const results = await Promise.all(ALERT_CHANNELS.map(({ field, send }) => send(rule[field], text, isPrivateAllowed)));
  return results.find(({ delivered }) => !delivered) ?? results.at(-1) ?? { delivered: false, detail: "No channel." };
};
