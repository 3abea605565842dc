/**
 * OpenTelemetry's `exception.*` attributes of an Error. The stack trace includes the chain of causes.
 */
import type { Attributes } from "#contract/wire/attributes.ts";

const MAX_CAUSES = 5;

const toStacktrace = (error: unknown, causesLeft: number): string => {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack = "", cause } = error;
  // V8's stack starts with name and message; other engines give the frames only.
  const own = stack.includes(message) ? stack : `${name}: ${message}\n${stack}`;
  return cause === undefined || !causesLeft ? own : `${own}\nCaused by: ${toStacktrace(cause, causesLeft - 1)}`;
};

/** `exception.type`, `exception.message` and `exception.stacktrace`. */
export const exceptionAttributes = (error: Error): Attributes => ({
  "exception.type": error.name,
  "exception.message": error.message,
  "exception.stacktrace": toStacktrace(error, MAX_CAUSES),
});
