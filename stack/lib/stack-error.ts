/** An error that the operator can fix. Its message explains how; the stack trace is not printed. */
export class StackError extends Error {
  override readonly name = "StackError";
}

/** Text to print for an error: the message of a {@link StackError}, `OpenSearchError`, `KvFileError` or usage error, otherwise the stack trace. */
export const formatError = (error: unknown): string => {
  if (error instanceof StackError) return error.message;
  if (isDiskFull(error)) return `The disk is full${pathOf(error)}. Free some space and start again.`;
  if (isUsageError(error)) return toUsageMessage(error);
  if (isErrorOfOperator(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

/** By their names, because importing the classes loads the client of OpenSearch, and SQLite. */
const isErrorOfOperator = (error: unknown): error is Error =>
  error instanceof Error && ["OpenSearchError", "KvFileError"].includes(error.name);

/** Whether `parseArgs` of node:util threw it for invalid arguments. */
const isUsageError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");

/** The first sentence; the next ones explain how to pass an argument that starts with a hyphen. */
const toUsageMessage = ({ message }: Error): string =>
  `${message.split(". ")[0]?.replace(/\.$/, "")}. To list the options, append \`-- --help\` to the command.`;

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error &&
  (("code" in error && error.code === "ENOSPC") || /ENOSPC|No space left on device/i.test(error.message));

const pathOf = (error: unknown): string =>
  error instanceof Error && "path" in error && typeof error.path === "string" ? ` (while writing ${error.path})` : "";
