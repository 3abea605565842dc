/**
 * The output of commands. Their texts contain names and messages that come from logs, servers and files. Control characters in them are
 * escaped: in a terminal they could hide or change other lines.
 */
import { escapeInvisible } from "#contract/wire/escape-invisible.ts";
import { formatError } from "./stack-error.ts";

/** Prints lines to standard output. */
export const print = (text: string): void => console.log(escapeInvisible(text));

/** Prints lines to standard error. */
export const printWarning = (text: string): void => console.error(escapeInvisible(text));

/** Prints an error to standard error: only its message if the operator can fix it. */
export const printError = (error: unknown): void => printWarning(formatError(error));
