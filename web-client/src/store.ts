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
  /** Called when it is known whether there is a database. */
  onOpen?: () => void;
  openDatabase(): void;
  /** Writes chunks, and deletes those that have no events left. */
  save(chunks: Iterable<Chunk>): void;
  /** Copies to localStorage what is not known to be in the database. */
  spill(chunks: Iterable<Chunk>): void;
}

/** `name` is the database's; its one object store has no name. `chunks` are written as soon as it is open. */
export const createStore = (name: string, chunks: Iterable<Chunk>): Store => {
  const store: Store = {
    name,
    openDatabase() {
      try {
        const request = indexedDB.open(name, 1);
        request.onupgradeneeded = () => request.result.createObjectStore("");
        request.onsuccess = request.onerror = () => {
          store.database = request.result; // after an error: undefined
          store.save(chunks);
          store.onOpen?.();
        };
      } catch {
        // private mode, or no page
      }
    },
    save(changed) {
      if (!store.database) return;
      try {
        const transaction = store.database.transaction("", "readwrite", { durability: "relaxed" });
        const records = transaction.objectStore("");
        const written = [...changed];
        for (const chunk of written) {
          if (chunk.queue[0]) records.put(batchText(chunk.recordKey, chunk.queue), chunk.recordKey);
          else records.delete(chunk.recordKey);
        }
        transaction.oncomplete = () => {
          for (const chunk of written) chunk.isSaved = true;
        };
        transaction.commit();
      } catch {
        // Closed by the browser: what comes now is in memory, and spilled when the page goes.
      }
    },
    spill(chunks) {
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
