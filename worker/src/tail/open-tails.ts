/**
 * Counts the open live tails of an isolate, by token. Each message of an app is sent to each of its tails, so without a limit
 * one reader could use the CPU of the isolate that serves all apps, and the broker's.
 *
 * All state is plain data. A tail that does not renew its entry counts as closed, because the runtime can end a request
 * without an event.
 */
import { MAX_READER_TAILS, MAX_TAILS } from "#contract/wire/limits.ts";

/** Longer than the timeout for connecting both sides and than the interval of heartbeats. */
const MAX_AGE_MS = 60_000;

interface Entry {
  readonly token: string;
  renewedMs: number;
}

/** The entry of an open tail. */
export interface OpenTail {
  /** Call it at least once a minute. */
  renew(): void;
  end(): void;
}

export interface OpenTails {
  /** Returns `undefined` if this token has {@link MAX_READER_TAILS} open tails, or the isolate {@link MAX_TAILS}. */
  open(token: string): OpenTail | undefined;
}

export const createOpenTails = (): OpenTails => {
  const entries = new Set<Entry>();
  return {
    open(token) {
      const nowMs = Date.now();
      let own = 0;
      for (const entry of entries) {
        if (nowMs - entry.renewedMs > MAX_AGE_MS) entries.delete(entry);
        else if (entry.token === token) own += 1;
      }
      if (own >= MAX_READER_TAILS || entries.size >= MAX_TAILS) return undefined;
      const entry = { token, renewedMs: nowMs };
      entries.add(entry);
      return {
        renew() {
          entry.renewedMs = Date.now();
        },
        end() {
          entries.delete(entry);
        },
      };
    },
  };
};

/** The open tails of this isolate. */
export const openTails = createOpenTails();
