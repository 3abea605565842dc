/**
 * The handover file: the stamps of the messages that the broker will deliver again after this relay has stopped. The next
 * relay reuses them, so that an event without an id gets the same derived id and is not stored twice.
 */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import * as z from "zod";
import { MAIN_SESSION } from "./main-session.ts";

const handoverEntrySchema = z.object({
  /** MQTT packet identifier. */
  messageId: z.int().min(1).max(65_535),
  /** The stamp. */
  id: z.uuid(),
  /** A long topic: base64 of its SHA-1. */
  topic: z.string(),
  /** Base64 of the payload's SHA-1. */
  digest: z.string(),
  /** Unix time in milliseconds. */
  arrivedAtMs: z.int(),
});

/** One message that was not acknowledged when the relay stopped. */
export type HandoverEntry = z.output<typeof handoverEntrySchema>;

/** The entries of each session, by session name. */
export type Handover = Readonly<Record<string, readonly HandoverEntry[]>>;

/** Older relays wrote the entries of their only session. */
const handoverSchema = z.union([
  z.record(z.string(), z.array(handoverEntrySchema)),
  z.array(handoverEntrySchema).transform((entries): Handover => ({ [MAIN_SESSION]: entries })),
]);

/** Writes the file atomically, with mode 0600 because topics contain client ids. */
export const writeHandoverFile = async (path: string, handover: Handover): Promise<void> => {
  const temporary = `${path}.new`;
  await writeFile(temporary, JSON.stringify(handover), { mode: 0o600 });
  await rename(temporary, path);
};

/**
 * Reads and deletes the file: its entries are valid for the next connection only. Returns an empty object if there is
 * no file. Rejects if the file cannot be read or parsed; it is deleted in the latter case too.
 */
export const takeHandoverFile = async (path: string): Promise<Handover> => {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw error;
  });
  await rm(path, { force: true });
  return handoverSchema.parse(JSON.parse(text));
};
