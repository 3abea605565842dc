/**
 * Lets the vendor's client send its requests with `fetch`. The vendor's own connection uses node:http, which cannot use a
 * binding, and copies each body.
 */
import { Readable } from "node:stream";
import Connection from "@opensearch-project/opensearch/lib/Connection.js";
import { ConnectionError, RequestAbortedError, TimeoutError } from "@opensearch-project/opensearch/lib/errors.js";

/** The part of `fetch` that is used here. Both the global function and the `fetch` of a binding have this shape. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

type ConnectionOptions = ConstructorParameters<typeof Connection>[0];
type Request = Connection["request"];
type RequestParams = Parameters<Request>[0];

/** The body as a stream of Node.js, which the vendor's client reads. */
const toReadable = (body: Response["body"]): Readable => {
  const reader = (body as ReadableStream<Uint8Array> | null)?.getReader();
  return new Readable({
    read() {
      if (reader === undefined) return void this.push(null);
      reader.read().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error("the response was cut off")),
      );
    },
    destroy(error, done) {
      // The request may have ended already; then there is nothing to cancel.
      reader?.cancel().catch(() => undefined);
      done(error);
    },
  });
};

/** `fetch` decompresses bodies, but leaves the headers of the compressed body. */
const toHeaders = (headers: Headers): Record<string, string> => {
  const all = Object.fromEntries(headers);
  if (all["content-encoding"] === undefined) return all;
  const { "content-encoding": _encoding, "content-length": _length, ...rest } = all;
  return rest;
};

const toMs = (timeout: unknown): number => (typeof timeout === "number" ? timeout : 0);

/**
 * The class of the connections of one client.
 *
 * @param send Sends each request.
 * @param extraHeaders Added to each request.
 */
export const createFetchConnection = (send: Fetch, extraHeaders: Readonly<Record<string, string>>): typeof Connection =>
  class FetchConnection extends Connection {
    constructor(options?: ConnectionOptions) {
      // Agents belong to node:http.
      super({ ...options, agent: () => undefined } as ConnectionOptions);
    }

    override request(params: RequestParams, callback: Parameters<Request>[1]): ReturnType<Request> {
      const { method = "GET", path = "/", querystring, body, headers, timeout } = params;
      const prefix = this.url.pathname.replace(/\/$/, "");
      const query = querystring === undefined || querystring === "" ? "" : `?${querystring}`;
      const abort = new AbortController();
      let timer: ReturnType<typeof setTimeout> | undefined;
      let isTimedOut = false;
      if (toMs(timeout) > 0) {
        timer = setTimeout(() => {
          isTimedOut = true;
          abort.abort();
        }, toMs(timeout));
      }
      const toError = (cause: unknown): Error => {
        if (isTimedOut) return new TimeoutError("Request timed out", {} as never);
        if (abort.signal.aborted) return new RequestAbortedError("Request aborted");
        return new ConnectionError(cause instanceof Error ? cause.message : "no response");
      };
      send(`${this.url.origin}${prefix}${path}${query}`, {
        method,
        headers: { ...this.headers, ...(headers as Record<string, string>), ...extraHeaders },
        // A redirect to a login page must not count as a response of OpenSearch.
        redirect: "manual",
        signal: abort.signal,
        ...(body === undefined || body === null || body === "" ? {} : { body: body as BodyInit }),
      })
        .then((response) => {
          const stream = toReadable(response.body).once("close", () => clearTimeout(timer));
          const { status } = response;
          return Object.assign(stream, { statusCode: status, headers: toHeaders(response.headers) });
        })
        .then(
          (response) => callback(null, response as never),
          (cause: unknown) => {
            clearTimeout(timer);
            callback(toError(cause), null);
          },
        );
      // The client uses only `abort` of the returned request.
      return { abort: () => abort.abort() } as unknown as ReturnType<Request>;
    }
  };
