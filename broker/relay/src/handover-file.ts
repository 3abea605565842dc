/**
 * The handover file: the stamps of the messages that the broker will deliver again after this relay has stopped. The next
 * relay reuses them, so that an event without an id gets the same derived id and is not stored twice.
 */
import { rmSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import * as z from "zod";
import type { Logger } from "./logger.ts";
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

/**
 * Returns an empty object if there is no file. Rejects if the file cannot be read or parsed. It is not deleted, because the relay may
 * still fail to start: see {@link HandoverFile.delete}.
 */
export const readHandoverFile = async (path: string): Promise<Handover> => {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw error;
  });
  return handoverSchema.parse(JSON.parse(text));
};

/** The file of a running relay. */
export class HandoverFile {
  readonly #path: string | undefined;
  readonly #logger: Logger;
  /** The file that the relay has read may still exist. */
  #mayExist = true;
  #isStale = false;

  /** @param path `undefined` if the relay has no handover file. */
  constructor(path: string | undefined, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** True if the file should have been deleted and still exists: with it, the next relay could lose events. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /**
   * Deletes the file that an earlier relay has written. Does nothing if it is called again, or after {@link write}.
   *
   * Call it before the first PUBACK, and when the broker has lost a session of the file. Until then the broker delivers the same
   * messages with the same packet identifiers to each next relay, so the file remains valid if this relay is killed or cannot start.
   * Afterwards an identifier of the file may belong to a new message: with the stamp of an equal, earlier one its events
   * would be lost as duplicates. It is synchronous, so that the file does not exist when the PUBACK is written.
   */
  delete(): void {
    if (this.#path === undefined || !this.#mayExist) return;
    this.#mayExist = false;
    try {
      rmSync(this.#path, { force: true });
    } catch (error) {
      this.#isStale = true;
      this.#logger.error(
        { error: String(error) },
        "could not delete the handover file; delete it before the next start",
      );
    }
  }

  /** Replaces the file atomically, with mode 0600 because topics contain client ids. */
  async write(handover: Handover): Promise<void> {
    if (this.#path === undefined) return;
    const mayExist = this.#mayExist;
    // A PUBACK that is written from now on must not delete the new file.
    this.#mayExist = false;
    const temporary = `${this.#path}.new`;
    try {
      await writeFile(temporary, JSON.stringify(handover), { mode: 0o600 });
      await rename(temporary, this.#path);
      this.#isStale = false;
    } catch (error) {
      this.#mayExist = mayExist;
      this.#logger.error(
        { error: String(error) },
        "could not write the handover file; events without ids may be stored twice",
      );
    }
  }
}
