/**
 * The state file: the sessions that exist at the broker, and its counter of dropped messages. It survives restarts of the
 * relay, so that the loss of a session is detected and the counter does not start again.
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import * as z from "zod";

const stateSchema = z.object({
  v: z.literal(1),
  /** Names of the users whose messages each session receives, by session name. */
  sessions: z.record(z.string(), z.array(z.string())),
  brokerDropped: z.object({
    /** All dropped messages that the broker has reported. */
    total: z.int().min(0),
    /** The last value of the broker's own counter, which starts at 0 when the broker starts. */
    last: z.int().min(0),
  }),
});

export type RelayState = z.output<typeof stateSchema>;

export const createState = (): RelayState => ({ v: 1, sessions: {}, brokerDropped: { total: 0, last: 0 } });

/** Returns a new state if the file does not exist. Rejects if it cannot be read or parsed. */
export const readStateFile = async (path: string): Promise<RelayState> => {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? createState() : stateSchema.parse(JSON.parse(text));
};

const RETRY_MS = 60_000;

/**
 * Writes a state to a file, one write at a time; changes during a write are combined in the next one. A write that has failed is
 * repeated until one succeeds.
 */
export class StateWriter {
  readonly #path: string;
  readonly #onError: (error: unknown) => void;
  readonly #retryMs: number;
  #isDirty = false;
  #isSaved = true;
  #isClosed = false;
  #writing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(path: string, onError: (error: unknown) => void, retryMs = RETRY_MS) {
    this.#path = path;
    this.#onError = onError;
    this.#retryMs = retryMs;
  }

  /** False while the last write has failed. */
  get isSaved(): boolean {
    return this.#isSaved;
  }

  /** Resolves when a state at least as new as `state` has been written, or the write has failed. */
  async save(state: RelayState): Promise<void> {
    clearTimeout(this.#retry);
    this.#isDirty = true;
    this.#writing ??= this.#writeAll(state);
    await this.#writing;
  }

  /** Saves a last time. */
  async close(state: RelayState): Promise<void> {
    this.#isClosed = true;
    await this.save(state);
  }

  async #writeAll(state: RelayState): Promise<void> {
    while (this.#isDirty) {
      this.#isDirty = false;
      const temporary = `${this.#path}.new`;
      try {
        await writeFile(temporary, JSON.stringify(state), { mode: 0o600 });
        await rename(temporary, this.#path);
        this.#isSaved = true;
      } catch (error) {
        this.#isSaved = false;
        this.#onError(error);
      }
    }
    this.#writing = undefined;
    if (this.#isSaved || this.#isClosed) return;
    this.#retry = setTimeout(() => void this.save(state), this.#retryMs);
    this.#retry.unref();
  }
}
