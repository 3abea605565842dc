/**
 * Writes a file that only its owner may read, whole or not at all: a reader never meets half of it, and a full disk
 * leaves the old one.
 */
import { rename, rm, writeFile } from "node:fs/promises";

export const writePrivate = async (path: string, text: string): Promise<void> => {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
};
