/**
 * The stack trace of an Error, with the chain of causes and the errors of an AggregateError.
 */
import { isError } from "./readable.ts";

/** Causes and errors of an AggregateError that a stack trace shows. */
const MAX_CAUSES = 9;

/** A property of an error, usually a text; `undefined` if it cannot be read. */
export const read = (error: unknown, name: string): string | undefined => {
  try {
    return (error as Record<string, string>)[name];
  } catch {
    return undefined;
  }
};

/** Type and message. */
export const titleOf = (error: Error): string => `${read(error, "name")}: ${read(error, "message")}`;

/** `textOf` returns the text of a cause that is not an error. */
export const stacktraceOf = (error: Error, textOf: (value: unknown) => string): string => {
  let causesLeft = MAX_CAUSES;
  const trace = (value: unknown): string => {
    if (!isError(value)) return textOf(value);
    const stack = String(read(value, "stack") ?? "");
    // V8's stack starts with name and message; other engines give the frames only.
    const own = stack.includes(`${read(value, "message")}`) ? stack : `${titleOf(value)}\n${stack}`;
    const causes = ([] as unknown[]).concat(read(value, "cause") ?? [], read(value, "errors") ?? []);
    return causes.reduce<string>(
      (text, cause) => (--causesLeft < 0 ? text : `${text}\nCaused by: ${trace(cause)}`),
      own,
    );
  };
  return trace(error);
};
