/**
 * Sends one HTTP request. Unlike `fetch` it does not copy the body: the copies of large bodies, and the garbage collection that they
 * cause, took a fifth of the relay's CPU time. It does not follow redirects.
 */
import http, { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import https from "node:https";
import { json } from "node:stream/consumers";

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly headers?: OutgoingHttpHeaders;
  /** Not copied: it must not change while it is being sent. */
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON. `undefined` if the body is not JSON, or the connection was closed before its end. */
  readonly body: unknown;
}

/** Resolves to `undefined` if the request used a connection that was kept from an earlier one, and the server has closed it. */
const requestOnce = async (
  url: URL,
  { method, headers, body, signal }: HttpRequest,
  connection: { readonly agent?: false },
): Promise<IncomingMessage | undefined> => {
  const { request } = url.protocol === "https:" ? https : http;
  const outgoing = request(url, { method, signal, ...(headers === undefined ? {} : { headers }), ...connection });
  return await new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    // Stays for later errors, which the response reports too.
    outgoing.on("error", (error) => (outgoing.reusedSocket && !signal.aborted ? resolve(undefined) : reject(error)));
    outgoing.once("close", () => reject(new Error("The connection was closed without a response")));
    outgoing.end(body);
  });
};

/**
 * Rejects if the connection is closed, or `signal` aborts, before the response starts. A server may close a kept connection at the
 * moment at which it is used again; the request is then sent once more on a new one. So it may arrive twice.
 * https://nodejs.org/api/http.html#requestreusedsocket
 */
export const sendRequest = async (url: URL, request: HttpRequest): Promise<HttpResponse> => {
  const response = (await requestOnce(url, request, {})) ?? (await requestOnce(url, request, { agent: false }));
  if (response === undefined) throw new Error("A new connection was closed");
  const body: unknown = await json(response).catch(() => undefined);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
};
