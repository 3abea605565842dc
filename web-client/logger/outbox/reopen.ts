import { PAUSE_MS, startTimer } from "../platform.ts";
import type { Chunk } from "./chunk.ts";
import type { Store } from "./store.ts";

/**
 * Closes the database when other code of the site deletes it, for example at sign-out, which would wait for this connection. Opens
 * it again then, and after the user has cleared the data of the site, and writes the chunks again. Call it for each open database.
 *
 * @param isActive Whether this logger may store events.
 */
export const reopenWhenClosed = (store: Store, chunks: ReadonlySet<Chunk>, isActive: () => boolean): void => {
  const database = store._database;
  if (!database) return;
  database.onversionchange = database.onclose = () => {
    database.close();
    for (const chunk of chunks) chunk._isSaved = false;
    // The browser cannot open the database at once after it has closed it.
    if (isActive()) startTimer(store._open, PAUSE_MS);
  };
};
