/**
 * Chunks in the file of an outbox. Replaces the browser's store, which uses IndexedDB.
 */
import { batchJson, type Chunk } from "../logger/outbox/chunk.ts";
import type { CoreOptions } from "../logger/core.ts";
import type { Store } from "../logger/outbox/store.ts";
import type { Change, OutboxFile } from "./outbox-file.ts";
import { defer, startTimer, stopTimer, warn, type Timer } from "./platform.ts";

/** Time until the next attempt, if another process has the outbox, or the file cannot be opened or written. */
const RETRY_MS = 2_000;

/** A logger's options with the file that `createLogger` of this package adds. */
export interface OutboxOptions extends CoreOptions {
  /** Absent: events are in memory only. */
  readonly outboxFile?: OutboxFile | undefined;
}

/** A store with the records that earlier processes left. */
export interface FileStore extends Store {
  /** Removes and returns them. Their keys stay in the file until `_save` deletes them. */
  _takeLeft(): readonly (readonly [key: string, text: string])[];
  /** Deletes all records. */
  _clear(): void;
}

/** Write the changes that wait for the end of the current task or for the next attempt. For the end of the process, which comes before them. */
export const pendingWrites = new Set<() => void>();

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Opens nothing yet. `chunks` are saved when the file opens. */
export const createStore = (name: string, chunks: ReadonlySet<Chunk>, { outboxFile }: OutboxOptions): FileStore => {
  const changed = new Set<Chunk>();
  let left: (readonly [string, string])[] = [];
  let lastProblem = "";
  /** Timer of the next attempt, which writes all chunks that wait. */
  let retry: Timer | undefined;

  const warnOnce = (problem: string): void => {
    if (problem !== lastProblem) warn(`edgelog: ${problem}`);
    lastProblem = problem;
  };

  const retryLater = (attempt: () => void): void => {
    stopTimer(retry);
    retry = startTimer(() => {
      retry = undefined;
      attempt();
    }, RETRY_MS);
  };

  const write = (): void => {
    if (!outboxFile?.isOpen || changed.size === 0) {
      changed.clear();
      pendingWrites.delete(write);
      return;
    }
    const written = [...changed];
    const changes = written.map(({ _key, _events }): Change => [
      _key,
      _events.length > 0 ? batchJson(_key, _events) : undefined,
    ]);
    try {
      outboxFile.write(changes);
      changed.clear();
      pendingWrites.delete(write);
      lastProblem = "";
    } catch (error) {
      // The disk is full, for example. The chunks are written later, and are sent meanwhile.
      for (const chunk of written) {
        if (chunk._events.length === 0 && !outboxFile.records.has(chunk._key)) changed.delete(chunk);
      }
      retryLater(write);
      warnOnce(`The outbox cannot be written, so events are in memory only: ${messageOf(error)}`);
    }
  };

  if (outboxFile) {
    outboxFile.onLost = (owner) => {
      warnOnce(`The outbox was taken over by ${owner}. Until it exits, events are kept in memory only.`);
      retryLater(store._open);
    };
  }

  const store: FileStore = {
    _name: name,
    _open() {
      if (!outboxFile || outboxFile.isOpen || outboxFile.isClosed) return;
      try {
        const owner = outboxFile.open();
        if (owner !== undefined) {
          warnOnce(
            `The outbox is in use by ${owner}. Until it exits, the events of process ${process.pid} are kept in memory only.`,
          );
          retryLater(store._open);
          return;
        }
      } catch (error) {
        warnOnce(`The outbox cannot be opened, so events are in memory only: ${messageOf(error)}`);
        retryLater(store._open);
        return;
      }
      // If the file was lost in the meantime, it has chunks of this process.
      const ownKeys = new Set([...chunks].map(({ _key }) => _key));
      left = [...outboxFile.records].filter(([key]) => !ownKeys.has(key));
      for (const chunk of chunks) changed.add(chunk);
      write();
      store._onOpen?.();
    },
    _save(chunk) {
      // When the file opens, all chunks are written.
      if (!outboxFile?.isOpen) return;
      if (changed.size === 0 && !retry) defer(write);
      pendingWrites.add(write);
      changed.add(chunk);
    },
    _spill: write,
    _takeLeft() {
      const taken = left;
      left = [];
      return taken;
    },
    _clear() {
      left = [];
      changed.clear();
      outboxFile?.clear();
    },
  };
  return store;
};
