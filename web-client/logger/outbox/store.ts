/**
 * Chunks in IndexedDB, and in localStorage what a page that goes away could not write there any more. Raw IndexedDB,
 * because a wrapper would be a quarter of the core (docs/decisions/0006). Without either of them nothing is kept.
 *
 * Relaxed durability and an explicit commit: the write survives the page and the browser's process.
 */
import { batchText, type Chunk } from "./chunk.ts";

/** Where chunks are kept. */
export interface Store {
  readonly name: string;
  database?: IDBDatabase;
  openDatabase(): void;
  /**
   * Writes a chunk, or deletes one that has no events left, at the end of the current task's code: one transaction for
   * all that it touches.
   */
  touch(chunk: Chunk): void;
  /** Copies to localStorage what is not known to be in the database. */
  spill(): void;
}

/** `name` is the database's; its one object store has no name. `chunks` are written as soon as it is open. */
export const createStore = (name: string, chunks: Iterable<Chunk>): Store => {
  const changed = new Set<Chunk>();

  const write = (): void => {
    const written = [...changed];
    changed.clear();
    if (!store.database) return;
    try {
      const transaction = store.database.transaction("", "readwrite", { durability: "relaxed" });
      const records = transaction.objectStore("");
      for (const { recordKey, queue } of written) {
        if (queue[0]) records.put(batchText(recordKey, queue), recordKey);
        else records.delete(recordKey);
      }
      transaction.oncomplete = () => {
        for (const chunk of written) chunk.isSaved = true;
      };
      transaction.commit();
    } catch {
      // Closed by the browser: what comes now is in memory, and spilled when the page goes.
    }
  };

  const store: Store = {
    name,
    openDatabase() {
      try {
        const request = indexedDB.open(name, 1);
        request.onupgradeneeded = () => request.result.createObjectStore("");
        request.onsuccess = request.onerror = () => {
          store.database = request.result; // after an error: undefined
          for (const chunk of chunks) store.touch(chunk);
        };
      } catch {
        // private mode, or no page
      }
    },
    touch(chunk) {
      if (!changed.size) queueMicrotask(write);
      changed.add(chunk);
    },
    spill() {
      try {
        for (const chunk of chunks) {
          if (chunk.isSaved) continue;
          localStorage[name + chunk.recordKey] = batchText(chunk.recordKey, chunk.queue);
          chunk.isSpilled = true;
        }
      } catch {
        // full, or none
      }
    },
  };
  return store;
};
