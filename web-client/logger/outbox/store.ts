/**
 * Chunks in IndexedDB. When the page goes away, chunks that are not in IndexedDB yet are copied to localStorage.
 * Without either of them events are kept in memory only. Raw IndexedDB, because a wrapper would be a quarter of the
 * core (docs/decisions/0006).
 *
 * Relaxed durability and an explicit commit: the write survives the end of the page and of the browser process.
 */
import type { LoggerOptions } from "../logger.ts";
import { defer, localStore, databases } from "../platform.ts";
import { batchJson, type Chunk } from "./chunk.ts";

export interface Store {
  /** Name of the database, and prefix of the keys in localStorage. */
  readonly _name: string;
  _database?: IDBDatabase;
  /** Called when the database is open. */
  _onOpen?: () => void;
  _open(): void;
  /**
   * Writes a chunk, or deletes its record if it has no events left. All changes of the current task are one transaction
   * after the task's code.
   */
  _save(chunk: Chunk): void;
  /** Copies to localStorage the chunks that are not known to be in the database. */
  _spill(): void;
}

/**
 * Opens nothing yet. The database has one object store, whose name is empty. `chunks` are saved when it opens. The options are
 * those of the logger, for the store of another host.
 */
export const createStore = (name: string, chunks: ReadonlySet<Chunk>, _options: LoggerOptions): Store => {
  /** May contain a chunk twice, which is then written twice. */
  const changed: Chunk[] = [];

  const write = (): void => {
    const written = changed.splice(0);
    try {
      const transaction = (store._database as IDBDatabase).transaction("", "readwrite", { durability: "relaxed" });
      const records = transaction.objectStore("");
      for (const { _key, _events } of written) {
        if (_events[0]) records.put(batchJson(_key, _events), _key);
        else records.delete(_key);
      }
      transaction.oncomplete = () => {
        for (const chunk of written) chunk._isSaved = true;
      };
      transaction.commit();
    } catch {
      // The database is not open yet, or the browser closed it. These events are in memory, and are spilled when the page
      // goes away.
    }
  };

  const store: Store = {
    _name: name,
    _open() {
      try {
        const request = databases().open(name);
        request.onupgradeneeded = () => request.result.createObjectStore("");
        request.onsuccess = () => {
          store._database = request.result;
          chunks.forEach(store._save);
          store._onOpen?.();
        };
      } catch {
        // no IndexedDB, e.g. in private mode
      }
    },
    _save(chunk) {
      if (!changed[0]) defer(write);
      changed.push(chunk);
    },
    _spill() {
      try {
        for (const chunk of chunks) {
          if (chunk._isSaved) continue;
          localStore()[name + chunk._key] = batchJson(chunk._key, chunk._events);
          chunk._isSpilled = true;
        }
      } catch {
        // no localStorage, or it is full
      }
    },
  };
  return store;
};
