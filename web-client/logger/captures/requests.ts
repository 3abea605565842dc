/**
 * Logs requests of the page that failed: `fetch` and XMLHttpRequest without an answer, and answers of 400 and above.
 * Never the logger's own. Bodies and headers are not looked at.
 */
import { createGate } from "./flood-limit.ts";
import type { Logger } from "../logger.ts";
import { redactUrl } from "../event/redact.ts";
import { createGuard } from "./guard.ts";

/** What is not to be logged. */
export interface CaptureRequestsOptions {
  /** Beginnings of addresses that are not looked at. */
  readonly ignore?: readonly string[];
  /** The least status that is logged; default 400. */
  readonly minStatus?: number;
}

interface Call {
  readonly method: string;
  readonly url: string;
  readonly sinceMs: number;
}

/** Returns what ends it. */
export const captureRequests = (logger: Logger, options: CaptureRequestsOptions = {}): (() => void) => {
  const { ignore = [], minStatus = 400 } = options;
  const guard = createGuard();
  const isAllowed = createGate(logger, "failed requests");

  const report = ({ method, url, sinceMs }: Call, status: number): void => {
    guard(() => {
      const isIgnored = [logger.url, ...ignore].some((address) => url.startsWith(address));
      if (isIgnored || (status > 0 && status < minStatus) || !isAllowed(`${method} ${url} ${status}`)) return;
      const shown = redactUrl(url);
      logger[status > 0 && status < 500 ? "warn" : "error"](`${method} ${shown} ${status > 0 ? status : "failed"}`, {
        "http.request.method": method,
        "http.response.status_code": status > 0 ? status : undefined,
        "url.full": shown,
        "duration.ms": Math.round(performance.now() - sinceMs),
      });
    });
  };

  const { fetch: originalFetch } = globalThis;
  const wrappedFetch: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href).href;
    const method = (init?.method ?? (input instanceof Request ? input.method : "GET")).toUpperCase();
    const call = { method, url, sinceMs: performance.now() };
    try {
      const response = await originalFetch(input, init);
      report(call, response.status);
      return response;
    } catch (error) {
      // What the page itself gave up has not failed.
      if (!(error instanceof DOMException && error.name === "AbortError")) report(call, 0);
      throw error;
    }
  };
  globalThis.fetch = wrappedFetch;

  const { prototype } = XMLHttpRequest;
  const { open: originalOpen } = prototype;
  const wrappedOpen = function (this: XMLHttpRequest, ...args: unknown[]): void {
    guard(() => {
      const call = { method: String(args[0]).toUpperCase(), url: new URL(String(args[1]), location.href).href };
      const started = { ...call, sinceMs: performance.now() };
      this.addEventListener("load", () => report(started, this.status), { once: true });
      this.addEventListener("error", () => report(started, 0), { once: true });
      this.addEventListener("timeout", () => report(started, 0), { once: true });
    });
    Reflect.apply(originalOpen, this, args);
  };
  prototype.open = wrappedOpen;
  return () => {
    if (globalThis.fetch === wrappedFetch) globalThis.fetch = originalFetch;
    if (prototype.open === wrappedOpen) prototype.open = originalOpen;
  };
};
