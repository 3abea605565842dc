/**
 * Checks the URL of a webhook, so that a rule cannot use the Worker to reach private services.
 * A public name that resolves to a private address is not detected here. Cloudflare's `fetch` reaches the public internet
 * only, and with the flag `global_fetch_strictly_public` it does not bypass the protection of the Worker's own zone. On
 * one host, worker/node/webhook-fetcher.ts checks the address that the name resolves to.
 */
import ipaddr from "ipaddr.js";
import type { WebhookRefusal } from "../../failure.ts";

/** Sends requests. The binding-shaped part of `fetch` that is used here. */
export interface WebhookFetcher {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** The hosts that webhooks may use. */
export interface WebhookPolicy {
  /** Accepts http, every port and private hosts. For development. */
  readonly isPrivateAllowed: boolean;
  /** Accepts http and every port on this machine's own loopback addresses. For development. */
  readonly isLoopbackAllowed: boolean;
  /** Hosts of this deployment. They and their subdomains are refused. */
  readonly ownHosts: readonly string[];
  /** Default: the global `fetch`. */
  readonly fetcher?: WebhookFetcher | undefined;
}

/**
 * Names that are never public: RFC 2606, RFC 6761, RFC 6762, RFC 7686, RFC 8375 and RFC 9476, Kubernetes, and conventions
 * of routers and cloud providers.
 */
const PRIVATE_SUFFIXES = [
  "alt",
  "arpa",
  "corp",
  "example",
  "home",
  "internal",
  "intranet",
  "invalid",
  "lan",
  "local",
  "localdomain",
  "localhost",
  "onion",
  "private",
  "svc",
  "test",
];

/** Ports of https and http; `URL` leaves out the default port of the scheme. */
const PUBLIC_PORTS = new Set(["", "443", "80"]);

/** IPv6 addresses of the public internet. Excludes IPv4-compatible addresses such as `::127.0.0.1`. */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

/** Whether an IP address belongs to the public internet. */
export const isPublicAddress = (text: string): boolean => {
  // Converts an IPv4-mapped address to IPv4.
  const address = ipaddr.process(text);
  if (address.range() !== "unicast") return false;
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST);
};

const isPublicName = (name: string): boolean =>
  name.includes(".") && !PRIVATE_SUFFIXES.some((suffix) => name.endsWith(`.${suffix}`));

/** A host name without the brackets of an IPv6 address and without the final dot. */
const normalizeHost = (hostname: string): string => hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");

const isLoopback = (host: string): boolean =>
  host === "localhost" || (ipaddr.isValid(host) && ipaddr.process(host).range() === "loopback");

/** The reason for which a URL is not accepted; `undefined` if it is accepted. */
export const refuseWebhook = (text: string, policy: WebhookPolicy): WebhookRefusal | undefined => {
  if (!URL.canParse(text)) return "not_a_url";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "has_credentials";
  if (policy.isPrivateAllowed) return /^https?:$/.test(url.protocol) ? undefined : "not_http";
  if (policy.isLoopbackAllowed && /^https?:$/.test(url.protocol) && isLoopback(normalizeHost(url.hostname))) {
    return undefined;
  }
  if (url.protocol !== "https:") return "not_https";
  if (!PUBLIC_PORTS.has(url.port)) return "forbidden_port";
  const host = normalizeHost(url.hostname);
  const isOwn = policy.ownHosts.map(normalizeHost).some((own) => host === own || host.endsWith(`.${own}`));
  if (isOwn) return "own_host";
  const isPublic = ipaddr.isValid(host) ? isPublicAddress(host) : isPublicName(host);
  return isPublic ? undefined : "private_host";
};

/** Only scheme and host: the path of a webhook URL is a secret. */
export const redactWebhook = (text: string): string => `${new URL(text).origin}/…`;
