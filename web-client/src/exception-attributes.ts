/**
 * An Error as OpenTelemetry's `exception.*` attributes, with the chain of its causes in the stack trace.
 */
import type { Attributes } from "../../contract/log-event.ts";

const MAX_CAUSES = 5;

const textOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // V8's stack starts with name and message; other engines give the frames only.
  const title = `${error.name}: ${error.message}`;
  const stack = error.stack ?? "";
  return stack.includes(error.message) ? stack : `${title}\n${stack}`;
};

/** `exception.type`, `exception.message` and `exception.stacktrace`. */
export const exceptionAttributes = (error: Error): Attributes => {
  const texts = [textOf(error)];
  let { cause } = error;
  while (cause !== undefined && texts.length <= MAX_CAUSES) {
    texts.push(textOf(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return {
    "exception.type": error.name,
    "exception.message": error.message,
    "exception.stacktrace": texts.join("\nCaused by: "),
  };
};
