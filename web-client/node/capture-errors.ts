import type { Logger } from "../logger/logger.ts";

/**
 * Logs the error that ends the process, an uncaught exception or an unhandled rejection, with severity `fatal`. It does not change that
 * the process ends: with an outbox, the next process sends the event. Returns a function that ends the capture.
 *
 * @example
 * captureErrors(log);
 */
export const captureErrors = (logger: Logger): (() => void) => {
  const onError = (error: unknown, origin: string): void => {
    logger.fatal(error, { "nodejs.exception_origin": origin });
  };
  process.on("uncaughtExceptionMonitor", onError);
  return () => {
    process.off("uncaughtExceptionMonitor", onError);
  };
};
