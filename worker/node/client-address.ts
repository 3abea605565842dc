/**
 * Gives each request the header `CF-Connecting-IP`, by which the Worker limits requests per address, and its public URL.
 * Forwarded headers count only from trusted proxies: any client can send them.
 */
import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";

const ADDRESS_HEADER = "cf-connecting-ip";

type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** Parses addresses and networks in CIDR notation, separated by commas or spaces. Throws if one is not valid. */
export const parseNetworks = (text: string): readonly Network[] =>
  text
    .split(/[\s,]+/)
    .filter((each) => each !== "")
    .map((each) => {
      if (each.includes("/")) return ipaddr.parseCIDR(each);
      const address = ipaddr.process(each);
      return [address, address.kind() === "ipv4" ? 32 : 128];
    });

const isIn = (text: string, networks: readonly Network[]): boolean => {
  const address = ipaddr.process(text);
  return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
};

/** An address without port and brackets; `undefined` if it is not one. */
const parseAddress = (text: string): string | undefined => {
  const bare = text
    .trim()
    .replace(/^\[(.*)\](?::\d+)?$/, "$1")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1");
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : undefined;
};

/** The last address of `X-Forwarded-For` that is not a trusted proxy. The ones before it may be invented by the client. */
const findClient = (peer: string, forwardedFor: string, proxies: readonly Network[]): string => {
  let client = peer;
  for (const part of forwardedFor.split(",").toReversed()) {
    const address = parseAddress(part);
    if (address === undefined) return client;
    client = address;
    if (!isIn(address, proxies)) return client;
  }
  return client;
};

const headerOf = (incoming: IncomingMessage, name: string): string | undefined => {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(",") : value;
};

/** The last value of a list, which the nearest proxy has added. */
const lastOf = (list: string | undefined): string | undefined => list?.split(",").at(-1)?.trim();

/**
 * Changes the headers and the URL of a request before it is handled. Call it once for each request.
 *
 * @returns Whether the request has a forwarded address that does not count, because its sender is not a trusted proxy.
 */
export const setClientAddress = (incoming: IncomingMessage, proxies: readonly Network[]): boolean => {
  const { headers, rawHeaders, socket } = incoming;
  const peer = parseAddress(socket.remoteAddress ?? "") ?? "0.0.0.0";
  const isProxied = isIn(peer, proxies);
  const client = isProxied ? findClient(peer, headerOf(incoming, "x-forwarded-for") ?? "", proxies) : peer;
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2) {
    if (rawHeaders[i]?.toLowerCase() === ADDRESS_HEADER) rawHeaders.splice(i, 2);
  }
  rawHeaders.push("CF-Connecting-IP", client);
  headers[ADDRESS_HEADER] = client;
  const protocol = isProxied ? lastOf(headerOf(incoming, "x-forwarded-proto")) : undefined;
  const host = (isProxied ? lastOf(headerOf(incoming, "x-forwarded-host")) : undefined) ?? headers.host;
  const isPath = incoming.url?.startsWith("/") === true && host !== undefined;
  if (isPath && (protocol === "https" || protocol === "http")) incoming.url = `${protocol}://${host}${incoming.url}`;
  return !isProxied && headers["x-forwarded-for"] !== undefined;
};
