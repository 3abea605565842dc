/**
 * Reads a file of the state directory that may not exist yet.
 */
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { StackError } from "./stack-error.ts";

/** `error` with the remedy. After `sudo npm start`, the files of the state directory belong to root. */
export const toUnreadable = (path: string, error: NodeJS.ErrnoException, dir = dirname(path)): StackError =>
  new StackError(
    error.code === "EACCES" || error.code === "EPERM"
      ? `Cannot read ${path}: it belongs to another user, for example root after sudo. Run: sudo chown -R "$USER" ${dir}`
      : `Cannot read ${path}: ${error.message}`,
  );

/**
 * The text of a file; `undefined` if it does not exist. Throws a `StackError` if it cannot be read: a new file would
 * replace it.
 */
export const readIfExists = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw toUnreadable(path, error as NodeJS.ErrnoException);
  }
};
