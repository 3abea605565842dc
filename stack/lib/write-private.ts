/**
 * Writes a file with mode 0600 atomically: a reader never sees a partial file, and on a full disk the old content remains.
 */
import { rename, rm, writeFile } from "node:fs/promises";

/** An error of a write, unlike those of other calls, does not name the file. */
const withPath = (error: unknown, path: string): unknown =>
  error instanceof Error ? Object.assign(error, { path }) : error;

export const writePrivate = async (path: string, text: string): Promise<void> => {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw withPath(error, path);
  }
};
