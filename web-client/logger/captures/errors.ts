/**
 * Logs what nobody caught: errors and rejected promises, with stack and causes. What extensions break is their affair.
 */
import { createGate } from "./flood-limit.ts";
import type { Logger } from "../logger.ts";
import { listen } from "../platform.ts";

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
        if (filename === "") text += " (no CORS)";
        if (!isAllowed(text, () => EXTENSION.test(filename + reason?.stack))) return;
        if (reason instanceof Error) logger.error(reason);
        else logger.error(text, { "exception.value": reason });
      } catch {
        // never into the page
      }
    },
  );
};
