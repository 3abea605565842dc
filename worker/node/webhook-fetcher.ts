/**
 * Sends the requests of alerts to public addresses only. On Cloudflare the network guarantees this. Here a public name
 * could resolve to OpenSearch or to another service of this host.
 */
import { lookup } from "node:dns";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { isPublicAddress, type WebhookFetcher } from "../src/alerts/channels/webhook-url.ts";

/** The address that is checked is the one that is used: the name is not resolved a second time. */
const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, "", 0);
    const [first] = addresses;
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
      return callback(new Error("the name resolves to a private address"), "", 0);
    }
    if (options.all === true) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
};

/** `Response` accepts no other status, and a webhook can send any number. */
const toStatus = (status = 0): number => (status >= 200 && status <= 599 ? status : 502);

/** The bodies of responses are discarded. Redirects are not followed. Settles whatever the server sends. */
export const createWebhookFetcher = (): WebhookFetcher => ({
  fetch: (url, { method = "GET", headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const request = new URL(url).protocol === "https:" ? requestHttps : requestHttp;
      const outgoing = request(
        url,
        {
          method,
          headers: Object.fromEntries(new Headers(headers)),
          lookup: lookupPublic,
          agent: false,
          // Also if NODE_TLS_REJECT_UNAUTHORIZED accepts the certificate of OpenSearch.
          rejectUnauthorized: true,
          ...(signal === undefined || signal === null ? {} : { signal }),
        },
        (incoming) => {
          incoming.resume();
          resolve(new Response(null, { status: toStatus(incoming.statusCode) }));
        },
      );
      outgoing.on("error", reject);
      // Without a listener Node.js closes the socket of a response with the status 101, and reports nothing but `close`.
      outgoing.on("upgrade", (_, socket) => {
        socket.destroy();
        reject(new Error("the webhook responded with an upgrade"));
      });
      outgoing.on("close", () => reject(new Error("the webhook closed the connection")));
      outgoing.end(typeof body === "string" ? body : undefined);
    }),
});
