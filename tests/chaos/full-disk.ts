/**
 * A file system of a few kilobytes in place of a directory: what is written there meets a full disk.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** Laid over `directory`; what was in there is hidden until the disposal. */
export const fillDisk = async (directory: string): Promise<AsyncDisposable> => {
  // The broker gives up root, so everybody may write.
  await execa("mount", ["-t", "tmpfs", "-o", "size=8k,mode=0777", "tmpfs", directory]);
  return {
    async [Symbol.asyncDispose]() {
      await execa("umount", ["--lazy", directory]);
    },
  };
};

/** Why this machine can't do it; `undefined` when it can. */
export const whyNoFullDisk = async (): Promise<string | undefined> => {
  if (process.getuid?.() !== 0) return "mounting a full file system needs root";
  const directory = await mkdtemp(join(tmpdir(), "edgelog-mount-"));
  try {
    await (await fillDisk(directory))[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    return `mounting is refused here: ${String(error).split("\n")[0]}`;
  } finally {
    await rm(directory, { recursive: true });
  }
};
