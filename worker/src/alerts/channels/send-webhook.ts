/**
 * Sends a message to a webhook in the format of Slack's incoming webhooks, which Mattermost, Rocket.Chat and Discord
 * (`/slack`) also accept.
 */
import type { AlertRuleInput, AlertTestResponse } from "#contract/api/alerts.ts";
import { escapeInvisible } from "#contract/wire/escape-invisible.ts";
import { truncate } from "#contract/wire/shorten.ts";
import type { Notification } from "../evaluate.ts";
import { refuseWebhook, type WebhookPolicy } from "./webhook-url.ts";

export const WEBHOOK_TIMEOUT_MS = 10_000;
const SHOWN_QUERY_LENGTH = 300;

const ZERO_WIDTH_SPACE = "\u200b";

/** `@channel`, `@everyone` and names, which Mattermost, Rocket.Chat and Discord notify. Not the `@` of a mail address, also in a query. */
const MENTION = /@(?=(?:all|channel|everyone|here)\b)|(?<![\w.+-]|:\*)@/gi;

/**
 * Text that is shown as it is: Slack's three control characters are escaped, and a zero-width space separates the characters of
 * mentions and of Markdown links. A rule's name or query must not become a link, mention a whole channel or add lines.
 */
const escapeText = (text: string): string =>
  escapeInvisible(text.replaceAll(/[\n\t]/g, " "))
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("`", "'")
    .replaceAll(MENTION, `@${ZERO_WIDTH_SPACE}`)
    .replaceAll("](", `]${ZERO_WIDTH_SPACE}(`);

/** The text of a notification. */
export const toMessage = (rule: AlertRuleInput, { count, at }: Notification, isTest = false): string => {
  const { name, apps, q, condition, threshold, windowMinutes } = rule;
  const bound = condition === "at_least" ? `${threshold} or more` : `fewer than ${threshold}`;
  const prefix = isTest ? "[test] " : "";
  const window = at === undefined ? `the last ${windowMinutes} min` : `the ${windowMinutes} min before ${at}`;
  const head = `${prefix}*${escapeText(name)}*: ${count} logs in ${window} (alert at ${bound})`;
  const query = q === "" ? "all logs" : `\`${escapeText(truncate(q, SHOWN_QUERY_LENGTH))}\``;
  return `${head}\n${escapeText(apps.join(", "))}: ${query}`;
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
      signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
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
