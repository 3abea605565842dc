/** The OpenSearch client of setup programs and commands; supports clusters with a certificate of a private CA. */
import { readFileSync } from "node:fs";
import Connection from "@opensearch-project/opensearch/lib/Connection.js";
import { ResponseError } from "@opensearch-project/opensearch/lib/errors.js";
import { omitEmpty } from "#contract/check/omit-empty.ts";
import { escapeInvisible } from "#contract/wire/escape-invisible.ts";
import { createTransport } from "../worker/src/opensearch/create-transport.ts";
import { parseServiceUrl, toInvalidUrl } from "./parse-url.ts";

/**
 * A failed request, or a setting that is not valid. Safe to print, unlike the errors of the OpenSearch client, which contain the request
 * with its credentials.
 */
export class OpenSearchError extends Error {
  override readonly name = "OpenSearchError";
  /** HTTP status of the response; `undefined` when there was no response. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Whether OpenSearch has no such index, task or repository. */
export const isNotFound = (error: unknown): boolean => error instanceof OpenSearchError && error.status === 404;

/** The OpenSearch client behind an interface with one method. */
export interface OpenSearch extends AsyncDisposable {
  /** Returns the response body. Throws {@link OpenSearchError} for a status of 400 or above, or without a response. */
  request(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<unknown>;
}

const toOpenSearchError = (error: unknown, request: string): OpenSearchError => {
  // Contains text of the server.
  const reason = escapeInvisible(error instanceof Error ? error.message : String(error));
  if (!(error instanceof ResponseError)) return new OpenSearchError(`Cannot reach OpenSearch: ${reason}`);
  return new OpenSearchError(
    `OpenSearch responded with ${error.statusCode} to ${request}: ${reason}`,
    error.statusCode,
  );
};

export interface ConnectOptions {
  /** Path of a CA certificate in PEM format. Default: the variable `OPENSEARCH_CA`. */
  readonly ca?: string | undefined;
  /** Timeout of each attempt of a request. Default: 30,000. */
  readonly timeoutMs?: number;
  /** Default: 3. */
  readonly maxRetries?: number;
}

const readSetting = (variable: string, path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new OpenSearchError(`Cannot read ${variable}: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/**
 * User and password from `OPENSEARCH_USERNAME` and the file in `OPENSEARCH_PASSWORD_FILE`, which need no encoding, unlike in a
 * URL. Those in the URL come first; the pool reads them.
 */
const readCredentials = (own: URL): { auth?: { username: string; password: string } } => {
  const { OPENSEARCH_USERNAME: username, OPENSEARCH_PASSWORD_FILE: file } = omitEmpty(process.env);
  if (username === undefined || file === undefined || (own.username !== "" && own.password !== "")) return {};
  const password = readSetting("OPENSEARCH_PASSWORD_FILE", file).toString();
  return { auth: { username, password: password.replace(/\r?\n$/, "") } };
};

/** Creates a client for the cluster at `url`, which may contain user and password. Throws {@link OpenSearchError} if it is not valid. */
export const connectOpenSearch = (url: string, options: ConnectOptions = {}): OpenSearch => {
  const { ca = omitEmpty(process.env)["OPENSEARCH_CA"], timeoutMs = 30_000, maxRetries = 3 } = options;
  const parsed = parseServiceUrl(url);
  if (parsed === undefined) {
    throw new OpenSearchError(
      `${toInvalidUrl("OPENSEARCH_URL")}; or omit user and password, and set OPENSEARCH_USERNAME and OPENSEARCH_PASSWORD_FILE.`,
    );
  }
  const ssl = ca === undefined ? {} : { ssl: { ca: readSetting("OPENSEARCH_CA", ca) } };
  const transport = createTransport(url, {
    pool: { Connection, pingTimeout: 3_000, ...ssl, ...readCredentials(parsed) },
    maxRetries,
    requestTimeout: timeoutMs,
  });
  return {
    async request(method, path, body) {
      try {
        return (await transport.request({ method, path, ...(body && { body }) })).body;
      } catch (error) {
        throw toOpenSearchError(error, `${method} ${path}`);
      }
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => transport.connectionPool.empty(() => resolve())),
  };
};
