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
      // A script of another origin, loaded without CORS, has an empty name: the browser gives no details.
      const text = (message ?? "Unhandled rejection: " + textOf(reason)) + (filename === "" ? " (no CORS)" : "");
      let stack = "";
      if (!isAllowed(text, () => EXTENSION.test(filename + (stack = textOf(read(reason, "stack")))))) return;
      // The stack of an error in the syntax of a script does not name the script.
      logger.error(isError(reason) ? reason : text, {
        "code.file.path": stack.includes(filename) ? undefined : filename?.split(/[?#]/)[0],
        "exception.value": reason,
      });
    },
  );
};
