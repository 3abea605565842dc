/**
 * `POST /logs`. Every batch that the logger sends over HTTP goes through this file, except the first ones, which the core sends.
 */
import { gzipText, timeoutSignal, type Fetch } from "../../platform.ts";
import { isWorthGzip } from "../gzip.ts";

/**
 * Resolves with `undefined` without a response: offline, blocked or aborted, or a `fetch` that throws. The batch is handled equally in all
 * cases.
 */
export const post = (send: Fetch, url: string, body: BodyInit, init: RequestInit): Promise<Response | undefined> =>
  (async () => send(url, { method: "POST", body, ...init }))().catch(() => undefined);

export interface PostOptions {
  readonly url: string;
  readonly app: string;
  readonly key: string;
  /** The request is aborted after this time. */
  readonly timeoutMs: number;
}

/** Sends a batch, compressed if it is large enough. */
export const postBatch = async (
  send: Fetch,
  { url, app, key, timeoutMs }: PostOptions,
  json: string,
): Promise<Response | undefined> => {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    authorization: `Bearer ${app}:${key}`,
  };
  const init: RequestInit = { credentials: "omit", signal: timeoutSignal(timeoutMs) };
  if (!isWorthGzip(json)) return post(send, url, json, { ...init, headers });
  const body = await gzipText(json).catch(() => undefined);
  return body && post(send, url, body, { ...init, headers: { ...headers, "content-encoding": "gzip" } });
};
