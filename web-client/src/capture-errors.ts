/**
 * Logs what nobody caught: errors and rejected promises, with stack and causes. What extensions break is their affair.
 */
import { createGate } from "./gate.ts";
import type { Logger } from "./logger.ts";

/** Addresses of scripts that are not the page's. */
export const EXTENSION = /\b(?:chrome|moz|safari|safari-web|ms-browser)-extension:/;

/** Nothing of a capture reaches the page. */
const tryTo = (action: () => void): void => {
  try {
    action();
  } catch {
    // what it was about cannot be read
  }
};

/** Returns what ends it. */
export const captureErrors = (logger: Logger): (() => void) => {
  const isAllowed = createGate(logger, "errors");
  const report = (error: unknown, text: string, where = ""): void => {
    const isError = error instanceof Error;
    if (!isAllowed(text, () => EXTENSION.test(where + (isError ? error.stack : "")))) return;
    logger.error(isError ? error : text, {
      "exception.escaped": true,
      "exception.value": isError || !error || typeof error !== "object" ? undefined : error,
      "code.file.path": where || undefined,
    });
  };
  const onError = ({ error, message, filename }: ErrorEvent): void => {
    // A script of another origin, loaded without CORS: the browser tells nothing.
    const isTold = error || filename;
    tryTo(() => report(error, isTold ? message : `${message} (the script lacks crossorigin="anonymous")`, filename));
  };
  const onRejection = ({ reason }: PromiseRejectionEvent): void => {
    tryTo(() => report(reason, `Unhandled rejection: ${reason}`));
  };
  const { addEventListener, removeEventListener } = globalThis as Partial<typeof globalThis>;
  addEventListener?.("error", onError);
  addEventListener?.("unhandledrejection", onRejection);
  return () => {
    removeEventListener?.("error", onError);
    removeEventListener?.("unhandledrejection", onRejection);
  };
};
