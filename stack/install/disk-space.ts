/** Refuses to start on a disk that is as good as full, with a message, before anything fails in stranger ways. */
import { statfs } from "node:fs/promises";
import { StackError } from "../lib/stack-error.ts";

const LEAST_FREE_BYTES = 1_073_741_824;
const BYTES_PER_MIB = 1_048_576;

export const assertDiskSpace = async (dir: string): Promise<void> => {
  const { bavail, bsize } = await statfs(dir);
  const freeBytes = bavail * bsize;
  if (freeBytes >= LEAST_FREE_BYTES) return;
  throw new StackError(
    `The disk is nearly full: ${Math.floor(freeBytes / BYTES_PER_MIB)} MiB are free in ${dir}, and 1024 MiB are needed.\n` +
      "Free some space, or set EDGELOG_HOME to a directory on another disk.",
  );
};
