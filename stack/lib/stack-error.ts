/** A failure that the person at the terminal can do something about: its message says what, and no stack is shown. */
export class StackError extends Error {
  override readonly name = "StackError";
}

/** What to tell about any failure: the reason for a {@link StackError}, everything for a mistake in the program. */
export const formatError = (error: unknown): string => {
  if (isDiskFull(error)) return `The disk is full${pathOf(error)}. Free some space and start again.`;
  if (error instanceof StackError || isUsageError(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

/** What `parseArgs` of node:util throws for arguments that it does not know. */
const isUsageError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error &&
  (("code" in error && error.code === "ENOSPC") || /ENOSPC|No space left on device/i.test(error.message));

const pathOf = (error: unknown): string =>
  error instanceof Error && "path" in error && typeof error.path === "string" ? ` (while writing ${error.path})` : "";
