/**
 * HTTP requests that end. A request without a complete response keeps the process running, and the core's first requests have no limit.
 */
import { startTimer, stopTimer, type Fetch } from "./platform.ts";

export interface Requests {
  /** `fetch` whose response is complete. Rejects if it is not complete within the limit. */
  readonly fetch: Fetch;
  /** Aborts all requests that have no complete response. */
  abortAll(): void;
}

/**
 * @param send Default: the global `fetch`.
 * @param timeoutMs Limit of a request, including the response's body.
 */
export const createRequests = (send: Fetch | undefined, timeoutMs: number): Requests => {
  const running = new Set<AbortController>();
  return {
    async fetch(input, init) {
      const request = new AbortController();
      running.add(request);
      const timer = startTimer(() => {
        request.abort(new Error(`No complete response after ${timeoutMs / 1_000} s`));
      }, timeoutMs);
      try {
        const response = await (send ?? globalThis.fetch)(input, { ...init, signal: request.signal });
        const text = await response.text();
        // A status such as 204 allows no body, not even an empty one.
        return new Response(text === "" ? null : text, response);
      } finally {
        stopTimer(timer);
        running.delete(request);
      }
    },
    abortAll() {
      for (const request of running) request.abort();
    },
  };
};
