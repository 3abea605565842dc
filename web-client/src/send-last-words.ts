/**
 * When the page is hidden it may never run again: what waits, and what has no receipt yet, goes out by `fetch` with
 * `keepalive`, within the 64 KiB that browsers grant to all such requests together (Fetch standard, 4.7). The page may
 * live on, too: then the receipts arrive as usual, and a doubled delivery is a duplicate that the server knows.
 */
import type { Batch } from "./batch.ts";
import type { Courier } from "./courier.ts";
import type { Link } from "./link.ts";
import type { Outbox, QueuedEvent } from "./outbox.ts";
import type { Tuning } from "./tuning.ts";
import { utf8Length } from "./utf8-length.ts";

/** Ports of {@link createLastWords}. */
export interface LastWordsOptions {
  readonly outbox: Outbox;
  readonly courier: Courier;
  readonly http: Link;
  readonly tuning: Tuning;
  readonly toBatch: (events: readonly QueuedEvent[]) => Batch;
}

/** Returns what to call when the page is hidden. */
export const createLastWords = ({ outbox, courier, http, tuning, toBatch }: LastWordsOptions): (() => void) => {
  let budget = tuning.maxBatchBytes;
  const underway = new Set<string>();

  const send = async (batch: Batch, isHeldElsewhere: boolean): Promise<void> => {
    const bytes = utf8Length(batch.body);
    budget -= bytes;
    underway.add(batch.id);
    const delivery = await http.send(batch, { keepalive: true });
    budget += bytes;
    underway.delete(batch.id);
    const open = courier.settle(batch, delivery);
    if (isHeldElsewhere) return;
    outbox.release(open);
    courier.poke();
  };

  return () => {
    const events = outbox.take(tuning.maxBatchEvents, budget - utf8Length(toBatch([]).body));
    if (events.length > 0) void send(toBatch(events), false);
    for (const batch of courier.batches) {
      if (!underway.has(batch.id) && utf8Length(batch.body) <= budget) void send(batch, true);
    }
  };
};
