/**
 * Where a webhook may point to: whoever may write a rule must not reach through the Worker what only the Worker can.
 * A name that resolves to an address inside can't be seen from here; Cloudflare's `fetch` reaches the public internet only.
 */
import ipaddr from "ipaddr.js";

/** Names that are never public (RFC 6761, RFC 6762, RFC 8375, and what clouds use). */
const PRIVATE_SUFFIXES = [".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet", ".corp", ".home"];

const isPublicHost = (hostname: string): boolean => {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (ipaddr.isValid(host)) return ipaddr.process(host).range() === "unicast";
  return host.includes(".") && !PRIVATE_SUFFIXES.some((suffix) => host.endsWith(suffix));
};

/** Why this address is refused; `undefined` where it may be used. `isPrivateAllowed`: for development. */
export const refuseWebhook = (text: string, isPrivateAllowed: boolean): string | undefined => {
  if (!URL.canParse(text)) return "This is no URL.";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "A webhook's URL can't hold a user or password.";
  if (isPrivateAllowed) return /^https?:$/.test(url.protocol) ? undefined : "A webhook is an http or https URL.";
  if (url.protocol !== "https:") return "A webhook's URL begins with https.";
  return isPublicHost(url.hostname) ? undefined : "A webhook's host must be a public one.";
};
