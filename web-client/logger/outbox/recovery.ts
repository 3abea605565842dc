/**
 * Takes over the events that earlier pages, or tabs that have ended, left on the device.
 *
 * Each logger holds a Web Lock with its id until its page is closed. Another logger that acquires this lock sends the
 * events.
 */
import { timeOfId } from "../event/new-id.ts";
import { keyRange, locks, now, sleep } from "../platform.ts";
import type { Chunk } from "./chunk.ts";
import { done } from "./done.ts";
import { readChunk } from "./read-chunk.ts";
import { readSpilled, removeSpilled, spilledKeys } from "./spill.ts";
import type { Store } from "./store.ts";

/** A logger younger than this may not hold its lock yet, because its delivery module is still loading. */
const YOUNG_MS = 10_000;
const GRACE_MS = 2_000;

/** Texts of the chunks of a logger, by their keys. */
const readChunks = async (store: Store, owner: string): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  if (store._database) {
    const records = store._database.transaction("").objectStore("");
    const range = keyRange(`${owner}.`, `${owner}/`);
    const [keys, texts] = await Promise.all([done(records.getAllKeys(range)), done(records.getAll(range))]);
    for (const [i, key] of keys.entries()) if (typeof key === "string") found.set(key, texts[i] as string);
  }
  for (const key of spilledKeys(store)) {
    if (key.startsWith(`${owner}.`)) found.set(key, readSpilled(store, key) ?? "");
  }
  return found;
};

export interface RecoveryOptions {
  /** Id of this logger. */
  readonly _owner: string;
  readonly _store: Store;
  /** Events older than this are dropped. */
  readonly _maxKeepMs: number;
  readonly _onChunk: (chunk: Chunk) => void;
  readonly _onExpired: (count: number) => void;
  /** Whether this logger may take over events now. */
  readonly _isActive: () => boolean;
}

/**
 * Returns a function that takes over the events of all loggers that have ended, and of each running logger when it
 * ends. It never rejects.
 */
export const createRecovery = (options: RecoveryOptions): (() => Promise<void>) => {
  const {
    _owner: owner,
    _store: store,
    _maxKeepMs: maxKeepMs,
    _onChunk: onChunk,
    _onExpired: onExpired,
    _isActive: isActive,
  } = options;
  const lockManager = locks();
  const awaited = new Set<string>();
  /** Ended loggers whose locks this one holds. More of their chunks are found when the database opens. */
  const ended = new Set<string>();
  /** Keys of the chunks that were taken over. */
  const taken = new Set<string>();

  const takeOver = async (other: string): Promise<void> => {
    const oldestMs = now() - maxKeepMs;
    for (const [key, text] of await readChunks(store, other)) {
      // Without consent the chunks are deleted.
      if (taken.has(key) || !isActive()) continue;
      taken.add(key);
      const chunk = readChunk(key, text);
      const isSpilled = readSpilled(store, key) !== undefined;
      chunk._isSpilled = isSpilled;
      chunk._isSaved = !isSpilled;
      const last = chunk._events.at(-1);
      if (last && timeOfId(last.id) > oldestMs) onChunk(chunk);
      else {
        onExpired(chunk._events.length);
        chunk._events = [];
        removeSpilled(store, [chunk]);
      }
      if (isSpilled || !chunk._events[0]) store._save(chunk);
    }
  };

  /** Recovers when the holder of this lock ends. Shared mode shows other loggers that this is not the owner's request. */
  const awaitEnd = (lockName: string): void => {
    if (awaited.has(lockName)) return;
    awaited.add(lockName);
    void lockManager
      ?.request(lockName, { mode: "shared" }, () => void awaited.delete(lockName))
      .then(recover, () => {});
  };

  /** Whether a logger whose lock was free is still running: a young one may have requested its lock in the meantime. */
  const isAlive = async (other: string, lockName: string): Promise<boolean> => {
    if (now() - timeOfId(other) >= YOUNG_MS) return false;
    await sleep(GRACE_MS);
    const { pending } = (await lockManager?.query()) ?? {};
    return !!pending?.some(({ name, mode }) => name === lockName && mode === "exclusive");
  };

  const findOthers = async (): Promise<Set<string>> => {
    const keys = [...spilledKeys(store)];
    if (store._database) {
      keys.push(...(await done(store._database.transaction("").objectStore("").getAllKeys())).map(String));
    }
    const owners = new Set(keys.map((key) => key.split(".", 1)[0] ?? ""));
    owners.delete(owner);
    return owners;
  };

  const recover = async (): Promise<void> => {
    if (!isActive()) return;
    try {
      for (const other of await findOthers()) {
        const lockName = store._name + other;
        // Without Web Locks another tab may send the same events: the server recognises them by their ids.
        if (!lockManager || ended.has(other)) await takeOver(other);
        else {
          void lockManager
            .request(lockName, { ifAvailable: true }, async (lock) => {
              if (ended.has(other)) return;
              if (!lock || (await isAlive(other, lockName))) return awaitEnd(lockName);
              ended.add(other);
              await takeOver(other);
              await new Promise(() => {}); // holds the lock until this page is closed
            })
            .catch(() => void ended.delete(other)); // the database failed: the lock is released
        }
      }
    } catch {
      // the database fails: nothing to recover
    }
  };
  return recover;
};
