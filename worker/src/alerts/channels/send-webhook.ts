/**
 * Sends a message to a webhook in the format of Slack's incoming webhooks, which Mattermost, Rocket.Chat and Discord
 * (`/slack`) also accept.
 */
import type { AlertRuleInput, AlertTestResponse } from "#contract/api/alerts.ts";
import type { Notification } from "../evaluate.ts";
import { refuseWebhook, type WebhookPolicy } from "./webhook-url.ts";

const TIMEOUT_MS = 10_000;
const SHOWN_QUERY_LENGTH = 300;

/** Escapes Slack's three control characters: a rule's name must not become a link or mention a whole channel. */
const escapeSlack = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("`", "'");

/** The text of a notification. */
export const toMessage = (rule: AlertRuleInput, { count, at }: Notification, isTest = false): string => {
  const { name, apps, q, condition, threshold, windowMinutes } = rule;
  const bound = condition === "at_least" ? `${threshold} or more` : `fewer than ${threshold}`;
  const prefix = isTest ? "[test] " : "";
  const window = at === undefined ? `the last ${windowMinutes} min` : `the ${windowMinutes} min before ${at}`;
  const head = `${prefix}*${escapeSlack(name)}*: ${count} logs in ${window} (alert at ${bound})`;
  const query = q === "" ? "all logs" : `\`${escapeSlack(q.slice(0, SHOWN_QUERY_LENGTH))}\``;
  return `${head}\n${escapeSlack(apps.join(", "))}: ${query}`;
};

/** Never throws. Times out after 10 seconds. */
export const sendWebhook = async (url: string, text: string, policy: WebhookPolicy): Promise<AlertTestResponse> => {
  if (refuseWebhook(url, policy) !== undefined) {
    return { delivered: false, detail: "The webhook URL is not allowed." };
  }
  try {
    const response = await (policy.fetcher ?? globalThis).fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "User-Agent": "edgelog" },
      body: JSON.stringify({ text }),
      // A redirect could lead to a private address.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    const { status, ok } = response;
    return {
      delivered: ok,
      status,
      detail: ok ? "The webhook accepted the message." : `The webhook responded with ${status}.`,
    };
  } catch {
    return { delivered: false, detail: "The webhook did not respond." };
  }
};
