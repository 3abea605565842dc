/** Converts rules to API input and to form drafts, and back. */
import { MINUTE_MS } from "#contract/wire/durations.ts";
import type { AlertRule, AlertRuleInput } from "#contract/api/alerts.ts";
import { formatDuration } from "../lib/format-number.ts";

/** Contents of the form, unparsed. */
export interface Draft {
  readonly name: string;
  readonly apps: readonly string[];
  readonly q: string;
  readonly condition: AlertRuleInput["condition"];
  readonly threshold: string;
  readonly windowMinutes: string;
  readonly webhookUrl: string;
}

/** The fields of a rule that the API accepts. */
export const toInput = (rule: AlertRule): AlertRuleInput => {
  const { name, apps, q, condition, threshold, windowMinutes, webhookUrl, isEnabled, silencedUntil } = rule;
  const input = { name, apps, q, condition, threshold, windowMinutes, webhookUrl, isEnabled };
  return silencedUntil === undefined ? input : { ...input, silencedUntil };
};

/** The initial form: an existing rule, or a new one for these apps and this query. */
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

/** The request body. The server rejects invalid numbers. */
export const fromDraft = (draft: Draft, rule: AlertRule | undefined): object => ({
  ...(rule && toInput(rule)),
  ...draft,
  threshold: toNumber(draft.threshold),
  windowMinutes: toNumber(draft.windowMinutes),
});

/** Whether the rule is silenced now. */
export const isSilenced = ({ silencedUntil }: AlertRuleInput, nowMs = Date.now()): boolean =>
  silencedUntil !== undefined && Date.parse(silencedUntil) > nowMs;

/** `10 or more in 5 min`. */
export const toCondition = ({ condition, threshold, windowMinutes }: AlertRuleInput): string =>
  `${condition === "at_least" ? `${threshold} or more` : `fewer than ${threshold}`} in ${formatDuration(windowMinutes * MINUTE_MS)}`;
