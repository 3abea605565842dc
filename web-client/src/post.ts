/**
 * `POST /logs`: the way until MQTT is there, where WebSocket is blocked, and for what a page that goes away still has to
 * say. What the answer means is read-answer.ts's affair.
 */

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

/** Below it compression is not worth its time. */
const MIN_GZIP_LENGTH = 1_024;

/** `isLast` is for a page that goes away: at once, and without a preflight, which such a page may not live to see. */
export const createPost =
  ({ url, app, key, timeoutMs, fetch: send = globalThis.fetch }: PostOptions): Post =>
  async (body, isLast) => {
    try {
      const headers: Record<string, string> = { "content-type": isLast ? "text/plain" : "application/json" };
      let content: BodyInit = body;
      if (!isLast) {
        headers["authorization"] = `Bearer ${app}:${key}`;
        if (body.length > MIN_GZIP_LENGTH && globalThis.CompressionStream) {
          headers["content-encoding"] = "gzip";
          content = await new Response(new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"))).blob();
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
