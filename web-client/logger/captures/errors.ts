/**
 * Logs uncaught errors and unhandled rejections.
 */
import { read } from "../event/stacktrace.ts";
import { isError } from "../event/readable.ts";
import { textOf } from "../event/copy-event.ts";
import type { Logger } from "../logger.ts";
import { listen } from "../platform.ts";
import { createFloodLimit } from "./flood-limit.ts";

/** Matches URLs of scripts of browser extensions. */
export const EXTENSION = /-extension:/;

/**
 * Logs uncaught errors and unhandled rejections of the page, with stack trace and causes. Errors from browser extensions
 * are ignored. Returns a function that ends the capture.
 *
 * @example
 * captureErrors(log);
 */
export const captureErrors = (logger: Logger): (() => void) => {
  const isAllowed = createFloodLimit(logger, "errors");
  return listen(
    ["error", "unhandledrejection"],
    ({ message, error, filename, reason = error }: ErrorEvent & PromiseRejectionEvent) => {
      let text = message ?? `Unhandled rejection: ${textOf(reason)}`;
      // A script of another origin, loaded without CORS: the browser gives no details.
      if (filename === "") text += " (no CORS)";
      if (!isAllowed(text, () => EXTENSION.test(filename + textOf(read(reason, "stack"))))) return;
      if (isError(reason)) logger.error(reason);
      else logger.error(text, { "exception.value": reason });
    },
  );
};
