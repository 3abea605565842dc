/**
 * The handover file: the stamps of the messages that the broker will deliver again after this relay has stopped. The next
 * relay reuses them, so that an event without an id gets the same derived id and is not stored twice.
 */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import * as z from "zod";

const handoverEntrySchema = z.object({
  /** MQTT packet identifier. */
  messageId: z.int().min(1).max(65_535),
  /** The stamp. */
  id: z.uuid(),
  topic: z.string(),
  /** Base64 of the payload's SHA-1. */
  digest: z.string(),
  /** Unix time in milliseconds. */
  arrivedAtMs: z.int(),
});

/** One message that was not acknowledged when the relay stopped. */
export type HandoverEntry = z.output<typeof handoverEntrySchema>;

/** Writes the file atomically, with mode 0600 because topics contain client ids. */
export const writeHandoverFile = async (path: string, entries: readonly HandoverEntry[]): Promise<void> => {
  const temporary = `${path}.new`;
  await writeFile(temporary, JSON.stringify(entries), { mode: 0o600 });
  await rename(temporary, path);
};

/**
 * Reads and deletes the file: its entries are valid for the next connection only. Returns an empty list if there is no
 * file. Rejects if the file cannot be read or parsed; it is deleted in the latter case too.
 */
export const takeHandoverFile = async (path: string): Promise<readonly HandoverEntry[]> => {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "[]";
    throw error;
  });
  await rm(path, { force: true });
  return z.array(handoverEntrySchema).parse(JSON.parse(text));
};
