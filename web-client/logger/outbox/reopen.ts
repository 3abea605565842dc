import { monotonicNow, PAUSE_MS, startTimer } from "../platform.ts";
import type { Chunk } from "./chunk.ts";
import type { Store } from "./store.ts";

/** Each pause is twice as long as the one before, so the last one is 51 seconds long. */
const MAX_ATTEMPTS = 10;

/** If this time has passed since the database was closed before, the attempts count from zero. */
const STABLE_MS = 60_000;

export interface ReopenOptions {
  readonly _store: Store;
  readonly _chunks: ReadonlySet<Chunk>;
  /** Whether this logger may store events now. */
  readonly _isActive: () => boolean;
}

/**
 * Returns a function to call for each open database. The database is closed when other code of the site deletes it, for example at
 * sign-out: the deletion waits for all connections. The browser closes it when the user clears the data of the site. After
 * both, it is opened again, and all chunks are written again.
 */
export const createReopener = ({
  _store: store,
  _chunks: chunks,
  _isActive: isActive,
}: ReopenOptions): (() => void) => {
  let attempts = 0;
  let closedMs = 0;

  const markUnsaved = (): void => {
    for (const chunk of chunks) chunk._isSaved = false;
  };

  return () => {
    const database = store._database;
    if (!database) return;
    const reopen = (): void => {
      if (store._database !== database || attempts >= MAX_ATTEMPTS || !isActive()) return;
      // Again, because a write that was in progress has ended since then.
      markUnsaved();
      store._open();
      waitToReopen();
    };
    // The browser cannot open the database at once after it has closed it, and may close it again and again.
    const waitToReopen = (): void => {
      startTimer(reopen, PAUSE_MS * 2 ** attempts);
      attempts += 1;
    };
    database.onversionchange = database.onclose = () => {
      database.close();
      markUnsaved();
      if (monotonicNow() - closedMs > STABLE_MS) attempts = 0;
      closedMs = monotonicNow();
      waitToReopen();
    };
  };
};
