/** Log files of the services: appended to, kept from growing without end, and shown when a service does not come up. */
import { open, rename, stat } from "node:fs/promises";

const MAX_LOG_BYTES = 16 * 1_048_576;
const TAIL_BYTES = 4_096;

/** Puts a log aside that has become too big; the one before it goes. */
export const prepareLog = async (path: string): Promise<void> => {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size > MAX_LOG_BYTES) await rename(path, `${path}.1`);
};

/** The end of what was written from this offset on. */
export const readLogTail = async (path: string, offset = 0): Promise<string> => {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return "(no log)";
  try {
    const { size } = await file.stat();
    const start = Math.max(offset, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(TAIL_BYTES), position: start });
    return buffer.toString("utf8", 0, bytesRead).trim() || "(nothing written)";
  } finally {
    await file.close();
  }
};
