/**
 * Checks the URL of a webhook, so that a rule cannot use the Worker to reach private services.
 * A public name that resolves to a private address is not detected here; Cloudflare's `fetch` reaches the public internet
 * only.
 */
import ipaddr from "ipaddr.js";
import type { WebhookRefusal } from "../../failure.ts";

/** Names that are never public (RFC 6761, RFC 6762, RFC 8375, and conventions of cloud providers). */
const PRIVATE_SUFFIXES = [".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet", ".corp", ".home"];

const isPublicHost = (hostname: string): boolean => {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (ipaddr.isValid(host)) return ipaddr.process(host).range() === "unicast";
  return host.includes(".") && !PRIVATE_SUFFIXES.some((suffix) => host.endsWith(suffix));
};

/**
 * The reason for which a URL is not accepted; `undefined` if it is accepted.
 *
 * @param isPrivateAllowed Accepts http and private hosts. For development.
 */
export const refuseWebhook = (text: string, isPrivateAllowed: boolean): WebhookRefusal | undefined => {
  if (!URL.canParse(text)) return "not_a_url";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "has_credentials";
  if (isPrivateAllowed) return /^https?:$/.test(url.protocol) ? undefined : "not_http";
  if (url.protocol !== "https:") return "not_https";
  return isPublicHost(url.hostname) ? undefined : "private_host";
};

/** Only scheme and host: the path of a webhook URL is a secret. */
export const redactWebhook = (text: string): string => `${new URL(text).origin}/…`;
