/**
 * Logs what nobody caught: errors and rejected promises, with stack and causes. What extensions break is their affair.
 */
import { createGate } from "./gate.ts";
import type { Logger } from "./logger.ts";
import { listen } from "./page-signals.ts";

/** Addresses of scripts that are not the page's. */
export const EXTENSION = /-extension:/;

/** Returns what ends it. */
export const captureErrors = (logger: Logger): (() => void) => {
  const isAllowed = createGate(logger, "errors");
  return listen(
    ["error", "unhandledrejection"],
    ({ message, error, filename, reason = error }: ErrorEvent & PromiseRejectionEvent) => {
      try {
        let text = message ?? `Unhandled rejection: ${reason}`;
        // A script of another origin, loaded without CORS: the browser tells nothing.
        if (message && !error && !filename) text += " (no CORS)";
        if (EXTENSION.test(filename + reason?.stack) || !isAllowed(text)) return;
        logger.error(reason instanceof Error ? reason : text, {
          "exception.escaped": true,
          "code.file.path": filename,
        });
      } catch {
        // never into the page
      }
    },
  );
};
