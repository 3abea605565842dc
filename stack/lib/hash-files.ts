import { createHash } from "node:crypto";
import { glob, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ROOT_DIR } from "./state-dir.ts";

/**
 * Hash of the names and contents of all files that match. Patterns and excluded folders are relative to the root of the clone.
 */
export const hashFiles = async (patterns: readonly string[], excluded: readonly string[] = []): Promise<string> => {
  const paths: string[] = [];
  const exclude = (path: string): boolean => excluded.includes(path);
  for await (const path of glob(patterns, { cwd: ROOT_DIR, exclude })) paths.push(path);
  const hash = createHash("sha256");
  for (const path of paths.sort()) {
    const file = join(ROOT_DIR, path);
    if ((await stat(file)).isFile()) hash.update(`${path}\0`).update(await readFile(file));
  }
  return hash.digest("hex");
};
