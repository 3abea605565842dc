/**
 * The channels over which an alert notifies, one row per channel. A row names the field of a rule that contains the
 * channel's address. A new channel needs a field in `alertRuleInputSchema` and a row here.
 */
import type { AlertRule, AlertRuleInput, AlertTestResponse } from "#contract/api/alerts.ts";
import type { WebhookRefusal } from "../../failure.ts";
import { sendWebhook } from "./send-webhook.ts";
import { redactWebhook, refuseWebhook, type WebhookPolicy } from "./webhook-url.ts";

interface AlertChannel {
  readonly field: "webhookUrl";
  /** The reason for which an address is not accepted; `undefined` if it is accepted. */
  readonly refuse: (address: string, policy: WebhookPolicy) => WebhookRefusal | undefined;
  /** The address as shown to readers who may not change the rule. */
  readonly redact: (address: string) => string;
  /** Sends a message. Never throws. */
  readonly send: (address: string, text: string, policy: WebhookPolicy) => Promise<AlertTestResponse>;
}

const ALERT_CHANNELS: readonly AlertChannel[] = [
  { field: "webhookUrl", refuse: refuseWebhook, redact: redactWebhook, send: sendWebhook },
];

/** The channels for which a rule has an address. */
const channelsOf = (rule: AlertRuleInput): readonly (AlertChannel & { readonly address: string })[] =>
  ALERT_CHANNELS.flatMap((channel) => {
    const address: string | undefined = rule[channel.field];
    return address === undefined ? [] : [{ ...channel, address }];
  });

/** The first address of a rule that is not accepted; `undefined` if all are. */
export const refuseAddresses = (
  rule: AlertRuleInput,
  policy: WebhookPolicy,
): { readonly field: string; readonly refusal: WebhookRefusal } | undefined => {
  for (const { field, refuse, address } of channelsOf(rule)) {
    const refusal = refuse(address, policy);
    if (refusal !== undefined) return { field, refusal };
  }
  return undefined;
};

/** A copy of the rule with redacted addresses: an address may contain a secret. */
export const redactAddresses = (rule: AlertRule): AlertRule => ({
  ...rule,
  ...Object.fromEntries(channelsOf(rule).map(({ field, redact, address }) => [field, redact(address)])),
});

/** Sends a message over all channels of a rule. Returns the first failure, or else the last success. */
export const notify = async (rule: AlertRuleInput, text: string, policy: WebhookPolicy): Promise<AlertTestResponse> => {
  const results = await Promise.all(channelsOf(rule).map(({ send, address }) => send(address, text, policy)));
  return (
    results.find(({ delivered }) => !delivered) ??
    results.at(-1) ?? { delivered: false, detail: "The alert has no channel." }
  );
};
