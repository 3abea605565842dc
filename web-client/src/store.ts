/**
 * Chunks in IndexedDB, and in localStorage what a page that goes away could not write there any more. Raw IndexedDB,
 * because a wrapper would be a quarter of the core (docs/decisions/0006). Without either of them nothing is kept.
 *
 * Relaxed durability and an explicit commit: the write survives the page and the browser's process.
 */
import { chunkText, type Chunk } from "./chunk.ts";

/** Where chunks are kept. */
export interface Store {
  readonly name: string;
  database?: IDBDatabase | undefined;
  /** Settles when it is known whether there is a database. */
  opened?: Promise<unknown>;
  open(): void;
  /** Writes a chunk, or deletes one that has no events left: at the end of the current task's code. */
  touch(chunk: Chunk): void;
  /** Writes at once. */
  write(): void;
  /** Copies to localStorage what is not in the database yet. */
  spill(chunks: Iterable<Chunk>): void;
}

/** `name` is the database's; its one object store has no name. */
export const createStore = (name: string): Store => {
  const dirty = new Set<Chunk>();

  const unspill = (chunk: Chunk): void => {
    if (chunk.isSpilled) localStorage.removeItem(name + chunk.key);
    chunk.isSpilled = false;
  };

  const store: Store = {
    name,
    open() {
      store.opened = new Promise<unknown>((resolve) => {
        const request = indexedDB.open(name, 1);
        request.onupgradeneeded = () => request.result.createObjectStore("");
        request.onerror = resolve;
        request.onsuccess = () => {
          store.database = request.result;
          store.write();
          resolve(request);
        };
      }).catch(() => {}); // private mode, or no page
    },
    touch(chunk) {
      if (!dirty.size) queueMicrotask(store.write);
      dirty.add(chunk);
    },
    write() {
      const chunks = [...dirty];
      for (const chunk of chunks) if (!chunk.events[0]) unspill(chunk);
      try {
        if (!store.database || !chunks[0]) return;
        const transaction = store.database.transaction("", "readwrite", { durability: "relaxed" });
        const records = transaction.objectStore("");
        for (const chunk of chunks) {
          if (chunk.events[0]) records.put(chunkText(chunk), chunk.key);
          else records.delete(chunk.key);
        }
        transaction.oncomplete = () => {
          for (const chunk of chunks) {
            chunk.isSaved = true;
            unspill(chunk);
          }
        };
        dirty.clear();
        transaction.commit();
      } catch {
        // Closed by the browser: what comes now is in memory, and spilled when the page goes.
        store.database = undefined;
      }
    },
    spill(chunks) {
      try {
        for (const chunk of chunks) {
          if (chunk.isSaved) continue;
          localStorage.setItem(name + chunk.key, chunkText(chunk));
          chunk.isSpilled = true;
        }
      } catch {
        // full, or none
      }
    },
  };
  return store;
};
