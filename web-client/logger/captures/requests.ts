import type { Logger } from "../logger.ts";
import { monotonicNow, page } from "../platform.ts";
import { redactUrl } from "../event/redact.ts";
import { createFloodLimit } from "./flood-limit.ts";
import { createGuard } from "./guard.ts";

export interface CaptureRequestsOptions {
  /** Requests whose URL starts with one of these are ignored. Default: none. */
  readonly ignore?: readonly string[];
  /** Lowest HTTP status that is logged. Default: 400. */
  readonly minStatus?: number;
}

interface Call {
  readonly method: string;
  readonly url: string;
  readonly sinceMs: number;
}

/**
 * Logs failed requests of the page, by `fetch` and XMLHttpRequest: network errors, and responses with a status of 400 or
 * above. Requests of the logger and aborted ones are ignored; bodies and headers are not read. Returns a function that
 * ends the capture.
 *
 * @example
 * captureRequests(log, { ignore: ["https://analytics.example.com/"], minStatus: 500 });
 */
export const captureRequests = (logger: Logger, options: CaptureRequestsOptions = {}): (() => void) => {
  const { ignore = [], minStatus = 400 } = options;
  const guard = createGuard();
  const isAllowed = createFloodLimit(logger, "failed requests");

  const report = ({ method, url, sinceMs }: Call, status: number): void => {
    guard(() => {
      const isIgnored = [logger.url, ...ignore].some((start) => url.startsWith(start));
      if (isIgnored || (status > 0 && status < minStatus) || !isAllowed(`${method} ${url} ${status}`)) return;
      const shown = redactUrl(url);
      logger[status > 0 && status < 500 ? "warn" : "error"](`${method} ${shown} ${status > 0 ? status : "failed"}`, {
        "http.request.method": method,
        "http.response.status_code": status > 0 ? status : undefined,
        "url.full": shown,
        "duration.ms": Math.round(monotonicNow() - sinceMs),
      });
    });
  };

  const absolute = (url: unknown): string => new URL(String(url), page.location.href).href;

  const { fetch: originalFetch, Request } = page;
  const wrappedFetch: typeof originalFetch = async (input, init) => {
    const url = absolute(input instanceof Request ? input.url : input);
    const method = (init?.method ?? (input instanceof Request ? input.method : "GET")).toUpperCase();
    const call = { method, url, sinceMs: monotonicNow() };
    try {
      const response = await originalFetch(input, init);
      report(call, response.status);
      return response;
    } catch (error) {
      // The page aborted the request itself.
      if (!(error instanceof DOMException && error.name === "AbortError")) report(call, 0);
      throw error;
    }
  };
  page.fetch = wrappedFetch;

  const { prototype } = page.XMLHttpRequest;
  const { open: originalOpen } = prototype;
  const wrappedOpen = function (this: XMLHttpRequest, ...args: unknown[]): void {
    guard(() => {
      const call = { method: String(args[0]).toUpperCase(), url: absolute(args[1]), sinceMs: monotonicNow() };
      this.addEventListener("load", () => report(call, this.status), { once: true });
      this.addEventListener("error", () => report(call, 0), { once: true });
      this.addEventListener("timeout", () => report(call, 0), { once: true });
    });
    Reflect.apply(originalOpen, this, args);
  };
  prototype.open = wrappedOpen;
  return () => {
    if (page.fetch === wrappedFetch) page.fetch = originalFetch;
    if (prototype.open === wrappedOpen) prototype.open = originalOpen;
  };
};
