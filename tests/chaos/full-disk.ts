/**
 * Simulates a full disk: mounts a file system of a few kilobytes over a directory.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** Mounts it over `directory`, whose content is hidden until disposal. `sizeKb` must be a multiple of 4. */
export const mountFullDisk = async (directory: string, sizeKb = 8): Promise<AsyncDisposable> => {
  // The broker does not run as root, so the directory is writable by all users.
  await execa("mount", ["-t", "tmpfs", "-o", `size=${sizeKb}k,mode=0777`, "tmpfs", directory]);
  return {
    async [Symbol.asyncDispose]() {
      await execa("umount", ["--lazy", directory]);
    },
  };
};

/** Returns why mounting is not possible on this machine, or `undefined`. */
export const findMountObstacle = async (): Promise<string | undefined> => {
  if (process.getuid?.() !== 0) return "mounting a file system requires root";
  const directory = await mkdtemp(join(tmpdir(), "edgelog-mount-"));
  try {
    await (await mountFullDisk(directory))[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    return `mounting failed: ${String(error).split("\n")[0]}`;
  } finally {
    await rm(directory, { recursive: true });
  }
};
