/**
 * The part of the outbox in localStorage: chunks that a page copied there when it went away. Also deletes all parts.
 */
import { SESSION_KEY } from "../event/session-key.ts";
import { localStore, databases } from "../platform.ts";
import type { Chunk } from "./chunk.ts";
import { done } from "./done.ts";
import type { Store } from "./store.ts";

/** Keys of the spilled chunks, without the store's prefix. */
export const spilledKeys = ({ _name }: Store): readonly string[] => {
  try {
    return Object.keys(localStore()).flatMap((key) => (key.startsWith(_name) ? key.slice(_name.length) : []));
  } catch {
    return []; // no storage for this page
  }
};

/** The text of a spilled chunk; `undefined` also where there is no storage, e.g. in a Web Worker. */
export const readSpilled = ({ _name }: Store, key: string): string | undefined => {
  try {
    return localStore().getItem(_name + key) ?? undefined;
  } catch {
    return undefined;
  }
};

/** Removes from localStorage the chunks that are in the database, and those without events. */
export const removeSpilled = ({ _name }: Store, chunks: Iterable<Chunk>): void => {
  for (const chunk of chunks) {
    if (!chunk._isSpilled || (chunk._events[0] && !chunk._isSaved)) continue;
    localStore().removeItem(_name + chunk._key);
    chunk._isSpilled = false;
  }
};

/**
 * Deletes everything of this app from this browser, including chunks of other pages. Never rejects. It has its own connection to
 * the database, because that of the store is open only after consent was given.
 */
export const wipe = async (store: Store): Promise<void> => {
  try {
    for (const key of spilledKeys(store)) localStore().removeItem(store._name + key);
    localStore().removeItem(SESSION_KEY);
  } catch {
    // no localStorage, e.g. in a Web Worker
  }
  try {
    const request = databases().open(store._name);
    // There is no database: it is not created.
    request.onupgradeneeded = () => request.transaction?.abort();
    const database = await done(request);
    const cleared = done(database.transaction("", "readwrite").objectStore("").clear());
    database.close(); // after the transaction
    await cleared;
  } catch {
    // nothing was written, or the page may not use IndexedDB
  }
};
