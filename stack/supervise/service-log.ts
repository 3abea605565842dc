/** Log files of the services: rotated by size, and quoted in the error when a service does not start. */
import { open, rename, stat } from "node:fs/promises";

const MAX_LOG_BYTES = 16 * 1_048_576;
const TAIL_BYTES = 4_096;

/** Rotates a log that is too large; replaces the previously rotated one. */
export const prepareLog = async (path: string): Promise<void> => {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size > MAX_LOG_BYTES) await rename(path, `${path}.1`);
};

/** The last 4 KiB that were written after `offset`. */
export const readLogTail = async (path: string, offset = 0): Promise<string> => {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return "(no log)";
  try {
    const { size } = await file.stat();
    const start = Math.max(offset, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(TAIL_BYTES), position: start });
    return buffer.toString("utf8", 0, bytesRead).trim() || "(empty)";
  } finally {
    await file.close();
  }
};
