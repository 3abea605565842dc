/**
 * An Error as OpenTelemetry's `exception.*` attributes, with the chain of its causes in the stack trace.
 */
import type { Attributes } from "../../contract/log-event.ts";

const MAX_CAUSES = 5;

/** `exception.type`, `exception.message` and `exception.stacktrace`. */
export const exceptionAttributes = (error: Error): Attributes => {
  const texts: string[] = [];
  for (let cause: unknown = error; cause !== undefined && texts.length <= MAX_CAUSES;) {
    const { name, message, stack = "" } = cause as Error;
    // V8's stack starts with name and message; other engines give the frames only.
    const text = stack.includes(message) ? stack : `${name}: ${message}\n${stack}`;
    texts.push(cause instanceof Error ? text : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  const { name, message } = error;
  return { "exception.type": name, "exception.message": message, "exception.stacktrace": texts.join("\nCaused by: ") };
};
