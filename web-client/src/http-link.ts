/**
 * `POST /logs`: the receipt is the answer. Used where WebSocket is blocked, and for the last words of a page.
 */
import type { Batch } from "./batch.ts";
import type { Delivery, Link } from "./link.ts";
import { parseJson, toReceipt } from "./read-receipt.ts";

/** Where and as whom to send. */
export interface HttpLinkOptions {
  readonly url: string;
  readonly app: string;
  readonly key: string;
  readonly timeoutMs: number;
  readonly fetch?: typeof fetch | undefined;
}

/** A server that asks for more is asked again anyway: it may be a mistake, and logs wait. */
const MAX_RETRY_AFTER_MS = 600_000;

/** Refusals of the content. Others of 4xx (404, 405, …) point at a wrong address or a proxy and may pass. */
const CONTENT_REFUSALS: readonly number[] = [400, 415, 422];

const retryAfterMs = (response: Response): number | undefined => {
  const value = response.headers.get("retry-after");
  if (value === null) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), MAX_RETRY_AFTER_MS) : undefined;
};

const reasonOf = (problem: unknown): string | undefined => {
  const reason = typeof problem === "object" && problem !== null && "reason" in problem ? problem.reason : undefined;
  return typeof reason === "string" ? reason : undefined;
};

/** What an answer means. A page that a captive portal sends instead is neither receipt nor problem: try again. */
export const readAnswer = async (response: Response): Promise<Delivery> => {
  const answer = parseJson(await response.text());
  const receipt = toReceipt(answer);
  const afterMs = retryAfterMs(response);
  if (receipt !== undefined) return { state: "receipt", receipt, afterMs };
  const { status } = response;
  if (status === 401 || status === 403) return { state: "denied" };
  if (status === 413) return { state: "too_large" };
  const reason = reasonOf(answer);
  return CONTENT_REFUSALS.includes(status) && reason !== undefined
    ? { state: "refused", reason }
    : { state: "retry", afterMs };
};

/** Opens the way over HTTP, which is open until it is closed. */
export const createHttpLink = (options: HttpLinkOptions): Link => {
  const stopper = new AbortController();
  const closed = Promise.withResolvers<void>();
  const send = async ({ body }: Batch, { keepalive = false } = {}): Promise<Delivery> => {
    try {
      const response = await (options.fetch ?? fetch)(options.url, {
        method: "POST",
        headers: { authorization: `Bearer ${options.app}:${options.key}`, "content-type": "application/json" },
        body,
        keepalive,
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.any([stopper.signal, AbortSignal.timeout(options.timeoutMs)]),
      });
      return await readAnswer(response);
    } catch {
      // Offline, blocked, cut off or closed: all the same to the batch.
      return { state: "retry" };
    }
  };
  return {
    kind: "http",
    send,
    closed: closed.promise,
    close() {
      stopper.abort();
      closed.resolve();
    },
  };
};
