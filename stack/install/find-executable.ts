/** Finds a program on the PATH or in system directories that are often not on the PATH. */
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

const SYSTEM_DIRS = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/opt/homebrew/sbin", "/usr/local/bin", "/usr/bin"];

export const findExecutable = async (name: string): Promise<string | undefined> => {
  const dirs = [...(process.env["PATH"] ?? "").split(delimiter), ...SYSTEM_DIRS];
  for (const dir of dirs.filter((dir) => dir !== "")) {
    const path = join(dir, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
};
