/**
 * Takes over what pages before this one, or tabs that are gone, left in the outbox.
 *
 * Each logger holds a lock in its name while it lives. Who gets a dead one's lock sends its events, and nobody else.
 */
import { SEVERITIES, type Severity } from "#contract/wire/severity.ts";
import type { Chunk } from "./chunk.ts";
import type { Core } from "../core.ts";
import { parseJson } from "../send/read-receipt.ts";
import type { Store } from "./store.ts";

/** A logger that young may not have its lock yet: its carrier is still on the way. */
const YOUNG_MS = 10_000;
const GRACE_MS = 2_000;

const done = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The database failed"));
  });

const spilledKeys = ({ name }: Store): readonly string[] => {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(name));
  } catch {
    return []; // no storage for this page
  }
};

/** What was spilled under this key; `undefined` too where there is no storage, as in a Web Worker. */
const readSpilled = ({ name }: Store, recordKey: string): string | undefined => {
  try {
    return localStorage.getItem(name + recordKey) ?? undefined;
  } catch {
    return undefined;
  }
};

const timeOfId = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

interface Written {
  readonly resource?: object;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly events?: readonly { readonly id: string; readonly severity: Severity }[];
}

/** A chunk as it was written, empty where it is none. */
const toChunk = (recordKey: string, text: string): Chunk => {
  const { resource = {}, attributes = {}, events } = (parseJson(text) ?? {}) as Written;
  const chunk: Chunk = { recordKey, head: JSON.stringify({ resource, attributes }), queue: [] };
  if (!attributes["session.id"] || !Array.isArray(events)) return chunk;
  for (const event of events as NonNullable<Written["events"]>) {
    const { id, severity } = event;
    if (SEVERITIES.includes(severity)) chunk.queue.push({ id, severity, json: JSON.stringify(event), chunk });
  }
  return chunk;
};

const read = async (store: Store, owner: string): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  if (store.database) {
    const records = store.database.transaction("").objectStore("");
    const range = IDBKeyRange.bound(`${owner}.`, `${owner}/`);
    const [keys, texts] = await Promise.all([done(records.getAllKeys(range)), done(records.getAll(range))]);
    for (const [i, key] of keys.entries()) if (typeof key === "string") found.set(key, texts[i] as string);
  }
  for (const key of spilledKeys(store)) {
    const own = key.slice(store.name.length);
    if (own.startsWith(`${owner}.`)) found.set(own, readSpilled(store, own) ?? "");
  }
  return found;
};

const adopt = async (core: Core, owner: string, maxKeepMs: number, add: (chunk: Chunk) => void): Promise<void> => {
  const { store, chunks } = core;
  const known = new Set([...chunks].map(({ recordKey }) => recordKey));
  const oldestMs = Date.now() - maxKeepMs;
  for (const [key, text] of await read(store, owner)) {
    if (known.has(key)) continue;
    const chunk = toChunk(key, text);
    const isSpilled = readSpilled(store, key) !== undefined;
    chunk.isSpilled = isSpilled;
    chunk.isSaved = !isSpilled;
    const last = chunk.queue.at(-1);
    if (last && timeOfId(last.id) > oldestMs) add(chunk);
    else {
      core.drop("expired", chunk.queue.length);
      chunk.queue = [];
    }
    if (isSpilled || !chunk.queue[0]) store.touch(chunk);
  }
};

/** Takes out of localStorage what is in the database, or nowhere needed any more. */
export const unspill = ({ name }: Store, chunks: Iterable<Chunk>): void => {
  for (const chunk of chunks) {
    if (!chunk.isSpilled || (chunk.queue[0] && !chunk.isSaved)) continue;
    localStorage.removeItem(name + chunk.recordKey);
    chunk.isSpilled = false;
  }
};

/** Ports of {@link createRecovery}. */
export interface RecoveryOptions {
  readonly core: Core;
  readonly maxKeepMs: number;
  readonly add: (chunk: Chunk) => void;
  /** Whether this logger takes nothing over any more. */
  readonly isOver: () => boolean;
}

/** Adopts what dead loggers left, and what those that live now leave once they are dead; never rejects. */
export const createRecovery = ({ core, maxKeepMs, add, isOver }: RecoveryOptions): (() => Promise<void>) => {
  const { store, owner } = core;
  const locks = (globalThis as Partial<typeof globalThis>).navigator?.locks;
  const awaited = new Set<string>();

  /** Waits for the end of who holds this lock; in shared mode, so that it is not taken for the owner. */
  const awaitEnd = (name: string): void => {
    if (awaited.has(name)) return;
    awaited.add(name);
    void locks?.request(name, { mode: "shared" }, () => void awaited.delete(name)).then(recover, () => {});
  };

  /** Whether it was dead. With its lock held. */
  const bury = async (other: string, name: string): Promise<boolean> => {
    if (Date.now() - timeOfId(other) < YOUNG_MS) {
      await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
      const { pending } = (await locks?.query()) ?? {};
      // It lives, and waits for its lock.
      if (pending?.some((request) => request.name === name && request.mode === "exclusive")) return false;
    }
    await adopt(core, other, maxKeepMs, add);
    return true;
  };

  const findOthers = async (): Promise<Set<string>> => {
    const keys = spilledKeys(store).map((key) => key.slice(store.name.length));
    if (store.database) {
      keys.push(...(await done(store.database.transaction("").objectStore("").getAllKeys())).map(String));
    }
    const owners = new Set(keys.map((key) => key.split(".", 1)[0] ?? ""));
    owners.delete(owner);
    return owners;
  };

  const recover = async (): Promise<void> => {
    if (isOver()) return;
    try {
      for (const other of await findOthers()) {
        const name = store.name + other;
        // Without locks another tab may send the same: the server knows each event by its id.
        if (!locks) await adopt(core, other, maxKeepMs, add);
        else {
          void locks
            .request(name, { ifAvailable: true }, async (lock) => {
              // Held as long as this page lives.
              if (lock && (await bury(other, name))) await new Promise(() => {});
              else awaitEnd(name);
            })
            .catch(() => {});
        }
      }
    } catch {
      // a broken database: nothing there
    }
  };
  return recover;
};

/** Deletes everything of this app in this browser, also what other pages wrote. */
export const wipe = (store: Store): void => {
  try {
    for (const key of [...spilledKeys(store), "edgelog.session"]) localStorage.removeItem(key);
    store.database?.transaction("", "readwrite").objectStore("").clear();
  } catch {
    // nothing was written
  }
};
