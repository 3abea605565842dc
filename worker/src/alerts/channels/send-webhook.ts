/**
 * Tells a webhook. The body is what Slack's incoming webhooks take; Mattermost, Rocket.Chat and Discord (`/slack`) do too.
 */
import type { AlertRuleInput, AlertTestResponse } from "#contract/api/alerts.ts";
import { refuseWebhook } from "./webhook-url.ts";

const TIMEOUT_MS = 10_000;
const SHOWN_QUERY_LENGTH = 300;

/** Slack's three control characters: a rule's name must not become a link or a mention of everybody. */
const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("`", "'");

export const toMessage = (rule: AlertRuleInput, count: number, isTest = false): string => {
  const { name, apps, q, condition, threshold, windowMinutes } = rule;
  const bound = condition === "at_least" ? `${threshold} or more` : `fewer than ${threshold}`;
  const head = `${isTest ? "[test] " : ""}*${escape(name)}*: ${count} logs in the last ${windowMinutes} min (${bound} is the alarm)`;
  const query = q === "" ? "all logs" : `\`${escape(q.slice(0, SHOWN_QUERY_LENGTH))}\``;
  return `${head}\n${escape(apps.join(", "))}: ${query}`;
};

export const sendWebhook = async (url: string, text: string, isPrivateAllowed: boolean): Promise<AlertTestResponse> => {
  const refusal = refuseWebhook(url, isPrivateAllowed);
  if (refusal !== undefined) return { delivered: false, detail: refusal };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "User-Agent": "edgelog" },
      body: JSON.stringify({ text }),
      // A redirect could lead inside.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    const { status, ok } = response;
    return { delivered: ok, status, detail: ok ? "The webhook took it." : `The webhook answered ${status}.` };
  } catch {
    return { delivered: false, detail: "The webhook does not answer." };
  }
};
