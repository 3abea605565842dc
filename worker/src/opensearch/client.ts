/**
 * The OpenSearch client behind a narrow interface. Only create-transport.ts and fetch-connection.ts import the vendor's package.
 */
import type { Buffer } from "node:buffer";
import type { Readable } from "node:stream";
import { createTransport } from "./create-transport.ts";
import { createFetchConnection, type Fetch } from "./fetch-connection.ts";

/**
 * Timeout of a request: longer than a slow OpenSearch needs, shorter than the timeouts of the relay and of browsers.
 */
const REQUEST_TIMEOUT_MS = 20_000;

/** A log may have an attribute called `__proto__`. By default the client would reject a whole response that contains it. */
const TOLERANT_JSON = { disablePrototypePoisoningProtection: true, enableLongNumeralSupport: false } as const;

/** HTTP error statuses are returned, not thrown. */
const RETURNED_STATUSES = [400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504];

/** A response of OpenSearch, including 4xx and 5xx. */
export interface StoreResponse {
  readonly status: number;
  readonly body: unknown;
}

/** OpenSearch did not respond, or its response is an error or has an unexpected shape. The request may be retried. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
  /** HTTP status; `undefined` when there was no response. */
  readonly status: number | undefined;

  /** @param detail An error type or the path of an unexpected field. Never contains a document. */
  constructor(detail: string, status?: number) {
    super(detail);
    this.status = status;
  }
}

/** OpenSearch refuses the search because of a pattern, see contract/query/pattern-work.ts. A retry would fail, too. */
export class PatternTooComplexError extends StoreUnavailableError {}

/** The response is larger than the caller's limit and was discarded. */
export class ResponseTooLargeError extends Error {
  override readonly name = "ResponseTooLargeError";
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Shards that a search could not read. `indices`: those that OpenSearch names. */
export interface MissingShards {
  readonly pattern: string;
  readonly failed: number;
  readonly indices: readonly string[];
}

export interface StoreClient {
  /** Posts NDJSON. Throws {@link StoreUnavailableError} when there is no response, or when `signal` aborts the request. */
  postLines(path: string, lines: Buffer, signal: AbortSignal): Promise<StoreResponse>;
  /** Throws {@link StoreUnavailableError} when there is no response. */
  request(method: Method, path: string, body?: object): Promise<StoreResponse>;
  /** If set, searches accept responses without some of the shards and report them here. */
  readonly onMissingShards?: (missing: MissingShards) => void;
  /** Like `request`. Throws {@link ResponseTooLargeError} when the response has more than `maxBytes` bytes. */
  requestWithin(maxBytes: number, method: Method, path: string, body?: object): Promise<StoreResponse>;
}

const collect = async (stream: Readable, maxBytes: number): Promise<string> => {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new ResponseTooLargeError();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
};

const orUnavailable = async (response: Promise<StoreResponse>): Promise<StoreResponse> => {
  try {
    return await response;
  } catch (error) {
    if (error instanceof ResponseTooLargeError || error instanceof StoreUnavailableError) throw error;
    throw new StoreUnavailableError(error instanceof Error ? error.name : "unknown error");
  }
};

/** How to reach OpenSearch. */
export interface StoreOrigin {
  /** URL of OpenSearch, with user and password if the cluster requires them. */
  readonly url: string;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Headers of each request, for a proxy in front of OpenSearch. */
  readonly headers?: Readonly<Record<string, string>>;
}

const globalFetch: Fetch = (url, init) => fetch(url, init);

/** Creates a client. Any number of requests to the Worker can share it, because it holds no connection. */
export const createStoreClient = ({ url, fetch: send = globalFetch, headers = {} }: StoreOrigin): StoreClient => {
  const transport = createTransport(url, {
    // By default, the first request a minute or more after a failed one also sends a ping.
    pool: { Connection: createFetchConnection(send, headers), resurrectStrategy: "none" },
    serializer: TOLERANT_JSON,
    maxRetries: 0,
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  const request: StoreClient["request"] = async (method, path, body) => {
    const response = await transport.request(
      { method, path, ...(body === undefined ? {} : { body }) },
      { ignore: RETURNED_STATUSES },
    );
    return { status: response.statusCode ?? 0, body: response.body };
  };
  const postLines: StoreClient["postLines"] = async (path, lines, signal) => {
    const pending = transport.request({ method: "POST", path, bulkBody: lines }, { ignore: RETURNED_STATUSES });
    const aborted = new Promise<never>((_, reject) => {
      const abort = (): void => {
        pending.abort();
        reject(new StoreUnavailableError("aborted because other requests were faster"));
      };
      signal.addEventListener("abort", abort, { once: true });
    });
    const response = await Promise.race([pending, aborted]);
    return { status: response.statusCode ?? 0, body: response.body };
  };
  const requestWithin: StoreClient["requestWithin"] = async (maxBytes, method, path, body) => {
    const response = await transport.request(
      { method, path, ...(body === undefined ? {} : { body }) },
      { ignore: RETURNED_STATUSES, asStream: true },
    );
    const stream = response.body as unknown as Readable;
    if (Number(response.headers?.["content-length"] ?? 0) > maxBytes) {
      stream.destroy();
      throw new ResponseTooLargeError();
    }
    return { status: response.statusCode ?? 0, body: JSON.parse(await collect(stream, maxBytes)) as unknown };
  };
  return {
    postLines: (...args) => orUnavailable(postLines(...args)),
    request: (...args) => orUnavailable(request(...args)),
    requestWithin: (...args) => orUnavailable(requestWithin(...args)),
  };
};
