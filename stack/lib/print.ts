/**
 * The output of commands. Their texts contain names and messages that come from logs, servers and files. Control characters in them are
 * escaped: in a terminal they could hide or change other lines.
 */
import { escapeInvisible } from "#contract/wire/escape-invisible.ts";
import { formatError, StackError } from "./stack-error.ts";

let isWatched = false;

/** `console.log` ignores errors: the list in a file on a full disk would be cut, and the command would have succeeded. */
const watchOutput = (): void => {
  if (isWatched) return;
  isWatched = true;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // The reader of a pipe, such as `head`, needs no more lines.
    if (error.code === "EPIPE") return;
    process.exitCode = 1;
    printWarning(`Standard output is not complete: ${error.message}`);
  });
};

/** Prints lines to standard output. The exit code is 1 if they cannot be written. */
export const print = (text: string): void => {
  watchOutput();
  process.stdout.write(`${escapeInvisible(text)}\n`);
};

/**
 * Prints a secret that is shown only once. Rejects if it cannot be written, for example because the disk is full.
 *
 * @param remedy How to replace the secret, which is then lost.
 */
export const printSecret = async (text: string, remedy: string): Promise<void> => {
  const { stdout } = process;
  // Without a listener the error would end the process.
  const ignore = (): void => undefined;
  stdout.on("error", ignore);
  const error = await new Promise<Error | null | undefined>((resolve) => {
    stdout.write(`${escapeInvisible(text)}\n`, resolve);
  });
  if (error) throw new StackError(`It could not be printed, and is lost: ${error.message}. ${remedy}`);
  stdout.off("error", ignore);
};

/** Prints lines to standard error. */
export const printWarning = (text: string): void => console.error(escapeInvisible(text));

/** Prints an error to standard error: only its message if the operator can fix it. */
export const printError = (error: unknown): void => printWarning(formatError(error));
