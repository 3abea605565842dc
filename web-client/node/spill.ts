/**
 * The file has all chunks, so nothing is copied to a second place. Replaces the browser's outbox in localStorage.
 */
import type { Store } from "../logger/outbox/store.ts";
import type { FileStore } from "./store.ts";

export const removeSpilled = (): void => {};

/** Deletes all events in the outbox. */
export const wipe = (store: Store): void => {
  try {
    (store as FileStore)._clear();
  } catch {
    // the file cannot be written
  }
};
