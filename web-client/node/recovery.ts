/**
 * Takes over the events that earlier processes left in the outbox. Replaces the browser's recovery, which shares a database with
 * other tabs.
 */
import { timeOfId } from "../logger/event/new-id.ts";
import type { RecoveryOptions } from "../logger/outbox/recovery.ts";
import { readChunk } from "../logger/outbox/read-chunk.ts";
import { now, warn } from "./platform.ts";
import type { FileStore } from "./store.ts";

/** Returns a function that takes over all events which were not taken over yet. It never rejects. */
export const createRecovery = (options: RecoveryOptions): (() => Promise<void>) => {
  const { _maxKeepMs: maxKeepMs, _onChunk: onChunk, _onExpired: onExpired, _isActive: isActive } = options;
  const store = options._store as FileStore;
  return async () => {
    if (!isActive()) return;
    const oldestMs = now() - maxKeepMs;
    let damaged = 0;
    for (const [key, text] of store._takeLeft()) {
      const chunk = readChunk(key, text);
      const last = chunk._events.at(-1);
      if (last && timeOfId(last.id) > oldestMs) onChunk(chunk);
      else {
        if (!last) damaged += 1;
        onExpired(chunk._events.length);
        chunk._events = [];
        store._save(chunk);
      }
    }
    if (damaged > 0) {
      const records = damaged === 1 ? "1 record" : `${damaged} records`;
      warn(
        `edgelog: ${records} of the outbox cannot be read, for example after a power failure. The logs in them are lost.`,
      );
    }
  };
};
