/** From a rule to what is sent, and from a form to a rule. */
import { MINUTE_MS } from "#contract/wire/durations.ts";
import type { AlertRule, AlertRuleInput } from "#contract/api/alerts.ts";
import { formatDuration } from "../lib/format-number.ts";

/** What the form holds: what people write, as they write it. */
export interface Draft {
  readonly name: string;
  readonly apps: readonly string[];
  readonly q: string;
  readonly condition: AlertRuleInput["condition"];
  readonly threshold: string;
  readonly windowMinutes: string;
  readonly webhookUrl: string;
}

/** What may be sent of a rule. */
export const toInput = (rule: AlertRule): AlertRuleInput => {
  const { name, apps, q, condition, threshold, windowMinutes, webhookUrl, isEnabled, silencedUntil } = rule;
  const input = { name, apps, q, condition, threshold, windowMinutes, webhookUrl, isEnabled };
  return silencedUntil === undefined ? input : { ...input, silencedUntil };
};

/** What a form starts with: a rule, or a new one for these apps and this query. */
export const toDraft = (rule: AlertRule | undefined, apps: readonly string[], q: string): Draft => ({
  name: rule?.name ?? "",
  apps: rule?.apps ?? apps,
  q: rule?.q ?? (q === "" ? "level:>=error" : q),
  condition: rule?.condition ?? "at_least",
  threshold: String(rule?.threshold ?? 10),
  windowMinutes: String(rule?.windowMinutes ?? 5),
  webhookUrl: rule?.webhookUrl ?? "",
});

const toNumber = (text: string): number | undefined => (text.trim() === "" ? undefined : Number(text));

/** What is sent. What is no number is left for the server to refuse. */
export const fromDraft = (draft: Draft, rule: AlertRule | undefined): object => ({
  ...(rule && toInput(rule)),
  ...draft,
  threshold: toNumber(draft.threshold),
  windowMinutes: toNumber(draft.windowMinutes),
});

/** Whether the rule keeps quiet at this moment. */
export const isSilenced = ({ silencedUntil }: AlertRuleInput, nowMs = Date.now()): boolean =>
  silencedUntil !== undefined && Date.parse(silencedUntil) > nowMs;

/** `10 or more in 5 min`. */
export const toCondition = ({ condition, threshold, windowMinutes }: AlertRuleInput): string =>
  `${condition === "at_least" ? `${threshold} or more` : `fewer than ${threshold}`} in ${formatDuration(windowMinutes * MINUTE_MS)}`;
