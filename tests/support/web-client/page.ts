/**
 * The page of the system tests: a logger with the options in the page's URL, and a function that logs many events.
 */
import { captureErrors, createLogger, type Logger, type TransportMode } from "../../../web-client/logger/index.ts";

declare global {
  interface Window {
    logger: Logger;
    /** Logs `count` events in one task, numbered from `from`. */
    logMany: (count: number, padding?: number, from?: number) => void;
  }
}

const query = new URLSearchParams(location.search);
const logger = createLogger({
  app: query.get("app") ?? "",
  key: query.get("key") ?? "",
  endpoint: query.get("endpoint") ?? "",
  transport: (query.get("transport") ?? "auto") as TransportMode,
  resource: { "service.name": query.get("service") ?? "page" },
  tuning: { maxRetryMs: 2_000, receiptTimeoutMs: 4_000 },
});
captureErrors(logger);
window.logger = logger;
window.logMany = (count, padding = 0, from = 0) => {
  for (let i = from; i < from + count; i += 1) {
    logger.info(`event ${i}`, { n: i, "user.id": "u-1", padding: "x".repeat(padding) });
  }
};
