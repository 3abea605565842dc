/**
 * Next.js, on the server: the function `onRequestError` of `instrumentation.ts`. The page's side is in next-client.ts.
 */
import { createLogger, type Logger, type LoggerOptions } from "../logger/index.ts";
import { page } from "../logger/platform.ts";

/** Next.js waits for `onRequestError`, so this bounds the delay of a failed request. */
const FLUSH_TIMEOUT_MS = 2_000;

/** The request as Next.js passes it to `onRequestError`. */
export interface NextRequestInfo {
  /** Path with query. */
  readonly path: string;
  readonly method: string;
}

/** The context as Next.js passes it to `onRequestError`. */
export interface NextErrorContext {
  readonly routerKind: string;
  readonly routePath: string;
  readonly routeType: string;
}

/** The function that Next.js calls with each error of a request that it handles on the server. */
export type OnRequestError = (error: unknown, request: NextRequestInfo, context: NextErrorContext) => Promise<void>;

/**
 * Creates `onRequestError`, which logs errors of rendering, route handlers, server actions and `middleware.ts`, with the attributes
 * `http.request.method`, `http.route`, `url.path` (without the query), `next.route_type` and `next.digest`. Next.js does not report errors
 * of `proxy.ts`: catch and log them there. `onRequestError` waits up to 2 seconds for the receipt, and works in the Node.js and Edge
 * runtimes. Events are in memory only: log other events of a server with `edgelog-node`.
 *
 * @example
 * // instrumentation.ts
 * export const onRequestError = createOnRequestError({ app: "shop", key: "elk_…", endpoint: "https://logs.example.com" });
 */
export const createOnRequestError = (options: LoggerOptions): OnRequestError => {
  let logger: Logger | undefined;
  return async (error, { path, method }, { routePath, routeType }) => {
    logger ??= createLogger({ transport: "http", fetch: (...request) => page.fetch(...request), ...options });
    logger.error(error, {
      "http.request.method": method,
      "http.route": routePath,
      "url.path": path.split("?", 1)[0],
      "next.route_type": routeType,
      "next.digest": (error as { readonly digest?: unknown } | null)?.digest,
    });
    await logger.flush(FLUSH_TIMEOUT_MS);
  };
};
