import type { Logger } from "../logger.ts";
import { baseUrl, monotonicNow, page, pageFetch } from "../platform.ts";
import { redactUrl } from "../event/redact.ts";
import { read } from "../event/stacktrace.ts";
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

/** Whether the page aborted the request itself, with any reason. A timeout of the page is a failure. */
const isAborted = (error: unknown, signal: AbortSignal | null | undefined): boolean => {
  const name = read(error, "name");
  return name === "AbortError" || (name !== "TimeoutError" && signal?.aborted === true);
};

/**
 * Logs failed requests of the page, by `fetch` and XMLHttpRequest: network errors, and responses with a status of 400 or
 * above. Requests of the logger and aborted ones are ignored; bodies and headers are not read. Does nothing on a server.
 * Returns a function that ends the capture.
 *
 * @example
 * captureRequests(log, { ignore: ["https://analytics.example.com/"], minStatus: 500 });
 */
export const captureRequests = (logger: Logger, options: CaptureRequestsOptions = {}): (() => void) => {
  if (!pageFetch()) return () => {};
  const { ignore = [], minStatus = 400 } = options;
  const guard = createGuard();
  const isAllowed = createFloodLimit(logger, "failed requests");

  const report = (call: Call | undefined, status: number): void => {
    guard(() => {
      if (!call) return;
      const { method, url, sinceMs } = call;
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

  /** `undefined` if the arguments cannot be read or the URL is invalid. The request is made all the same, and fails as it would. */
  const toCall = (readArgs: () => readonly [method: unknown, url: unknown]): Call | undefined => {
    let call: Call | undefined;
    guard(() => {
      const [method, url] = readArgs();
      const { href } = new URL(String(url), baseUrl());
      call = { method: String(method).toUpperCase(), url: href, sinceMs: monotonicNow() };
    });
    return call;
  };

  const { fetch: originalFetch, Request } = page;
  const wrappedFetch: typeof originalFetch = async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const call = toCall(() => [init?.method ?? request?.method ?? "GET", request?.url ?? input]);
    try {
      const response = await originalFetch(input, init);
      report(call, response.status);
      return response;
    } catch (error) {
      if (!isAborted(error, init?.signal === undefined ? request?.signal : init.signal)) report(call, 0);
      throw error;
    }
  };
  page.fetch = wrappedFetch;

  const captureXhr = ({ prototype }: typeof page.XMLHttpRequest): (() => void) => {
    const { open: originalOpen } = prototype;
    /** The current request of each object: an object can be opened again for another request. */
    const calls = new WeakMap<XMLHttpRequest, Call | undefined>();
    /** Reports the current request once, if it has ended. The status is 0 without a response. */
    const settle = (request: XMLHttpRequest): void => {
      if (request.readyState !== request.DONE) return;
      report(calls.get(request), request.status);
      calls.set(request, undefined);
    };
    const wrappedOpen = function (this: XMLHttpRequest, ...args: unknown[]): void {
      // A handler of the page, which runs before the listeners below, may open the object again.
      if (calls.has(this)) settle(this);
      const call = toCall(() => [args[0], args[1]]);
      guard(() => {
        if (!calls.has(this)) {
          for (const type of ["load", "error", "timeout"]) this.addEventListener(type, () => settle(this));
        }
        calls.set(this, call);
      });
      Reflect.apply(originalOpen, this, args);
    };
    prototype.open = wrappedOpen;
    return () => {
      if (prototype.open === wrappedOpen) prototype.open = originalOpen;
    };
  };
  // Service workers have no XMLHttpRequest.
  const endXhr = "XMLHttpRequest" in page ? captureXhr(page.XMLHttpRequest) : undefined;
  return () => {
    if (page.fetch === wrappedFetch) page.fetch = originalFetch;
    endXhr?.();
  };
};
