/** Checks for free disk space before anything is started. */
import { statfs } from "node:fs/promises";
import { StackError } from "../lib/stack-error.ts";

const MIN_FREE_BYTES = 1_073_741_824;
const BYTES_PER_MIB = 1_048_576;

export const assertDiskSpace = async (dir: string): Promise<void> => {
  const { bavail, bsize } = await statfs(dir);
  const freeBytes = bavail * bsize;
  if (freeBytes >= MIN_FREE_BYTES) return;
  throw new StackError(
    `The disk is nearly full: ${dir} has ${Math.floor(freeBytes / BYTES_PER_MIB)} MiB free, 1024 MiB are required.\n` +
      "Free some space, or set EDGELOG_HOME to a directory on another disk.",
  );
};
