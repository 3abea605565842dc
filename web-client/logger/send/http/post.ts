/**
 * `POST /logs`: the way where MQTT is not to be had, and for what a page that goes away still has to say. What the answer
 * means is read-answer.ts's affair.
 */
import { gzip, isWorthGzip } from "../gzip.ts";

/** Where and as whom to send. */
export interface PostOptions {
  readonly url: string;
  readonly app: string;
  readonly key: string;
  readonly timeoutMs: number;
  readonly fetch?: typeof fetch | undefined;
}

/** Sends a batch; `undefined` when no answer came. */
export type Post = (body: string, isLast?: boolean) => Promise<Response | undefined>;

/** `isLast` is for a page that goes away: at once, and without a preflight, which such a page may not live to see. */
export const createPost =
  ({ url, app, key, timeoutMs, fetch: send = globalThis.fetch }: PostOptions): Post =>
  async (body, isLast) => {
    try {
      const headers: Record<string, string> = { "content-type": isLast ? "text/plain" : "application/json" };
      let content: BodyInit = body;
      if (!isLast) {
        headers["authorization"] = `Bearer ${app}:${key}`;
        if (isWorthGzip(body)) {
          headers["content-encoding"] = "gzip";
          content = await gzip(body);
        }
      }
      return await send(isLast ? `${url}?${new URLSearchParams({ app, key })}` : url, {
        method: "POST",
        headers,
        body: content,
        keepalive: !!isLast,
        credentials: "omit",
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch {
      return undefined; // offline, blocked, or cut off: all the same to the batch
    }
  };
