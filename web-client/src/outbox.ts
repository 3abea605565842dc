/**
 * Where events wait until a receipt accounts for them: in memory, and written through to a {@link Store}.
 *
 * An event is waiting, or held by one delivery, or gone. Only `remove`, `clear` and a full outbox make it go.
 */
import type { Chunk } from "./chunk.ts";
import type { QueuedEvent } from "./event.ts";
import type { Store } from "./store.ts";
import type { Tuning } from "./tuning.ts";

/** A bounded queue whose events leave only when told so. */
export interface Outbox {
  readonly waiting: readonly QueuedEvent[];
  readonly waitingBytes: number;
  readonly held: number;
  readonly chunks: ReadonlySet<Chunk>;
  /** Puts events in; returns what had to go for them, the least severe and oldest first. */
  add(chunk: Chunk): readonly QueuedEvent[];
  /** The oldest waiting events with the same head and within both bounds, from now on held; at least one. */
  take(maxEvents: number, maxBytes: number): readonly QueuedEvent[];
  /** Lets held events wait again, at their old place. */
  release(events: readonly QueuedEvent[]): void;
  /** Forgets held events; returns those that were still there. */
  remove(events: readonly QueuedEvent[]): readonly QueuedEvent[];
  /** Forgets everything in memory; returns it. */
  clear(): readonly QueuedEvent[];
}

const sum = (events: readonly QueuedEvent[]): number => events.reduce((total, { bytes }) => total + bytes, 0);

/** Creates an empty outbox. */
export const createOutbox = (store: Store, { maxQueuedEvents, maxQueuedBytes }: Tuning): Outbox => {
  const chunks = new Set<Chunk>();
  let waiting: QueuedEvent[] = [];
  let waitingBytes = 0;
  let held = 0;
  let heldBytes = 0;

  const isFull = (): boolean =>
    waiting.length > 0 && (waiting.length + held > maxQueuedEvents || waitingBytes + heldBytes > maxQueuedBytes);

  /** An event that leaves a chunk others are left in is deleted with the last of them, unless `isRewritten`. */
  const leave = (event: QueuedEvent, isRewritten: boolean): void => {
    const { chunk } = event;
    event.isGone = true;
    if (!chunk) return;
    chunk.live -= 1;
    if (!chunk.live) chunks.delete(chunk);
    if (isRewritten || !chunk.live) store.touch(chunk);
  };

  const trim = (): readonly QueuedEvent[] => {
    const dropped: QueuedEvent[] = [];
    for (let level = 0; isFull(); level += 1) {
      const kept: QueuedEvent[] = [];
      let count = waiting.length;
      for (const event of waiting) {
        const isOver = count + held > maxQueuedEvents || waitingBytes + heldBytes > maxQueuedBytes;
        if (isOver && event.level <= level) {
          count -= 1;
          waitingBytes -= event.bytes;
          leave(event, true);
          dropped.push(event);
        } else kept.push(event);
      }
      waiting = kept;
    }
    return dropped;
  };

  return {
    get waiting() {
      return waiting;
    },
    get waitingBytes() {
      return waitingBytes;
    },
    get held() {
      return held;
    },
    chunks,
    add(chunk) {
      chunks.add(chunk);
      if (!chunk.isSaved) store.touch(chunk);
      for (const event of chunk.events) {
        event.chunk = chunk;
        waiting.push(event);
        waitingBytes += event.bytes;
      }
      return trim();
    },
    take(maxEvents, maxBytes) {
      let bytes = 0;
      let count = 0;
      for (const event of waiting) {
        bytes += event.bytes + 1; // and a comma
        if (count && (count >= maxEvents || bytes > maxBytes || event.chunk?.head !== waiting[0]?.chunk?.head)) break;
        count += 1;
      }
      const taken = waiting.splice(0, count);
      const size = sum(taken);
      held += count;
      heldBytes += size;
      waitingBytes -= size;
      return taken;
    },
    release(events) {
      const open = events.filter(({ isGone }) => !isGone);
      const size = sum(open);
      held -= open.length;
      heldBytes -= size;
      waitingBytes += size;
      waiting = [...open, ...waiting].sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    remove(events) {
      const open = events.filter(({ isGone }) => !isGone);
      for (const event of open) leave(event, false);
      held -= open.length;
      heldBytes -= sum(open);
      return open;
    },
    clear() {
      const all = [...chunks].flatMap(({ events }) => events.filter(({ isGone }) => !isGone));
      for (const event of all) event.isGone = true;
      chunks.clear();
      waiting = [];
      held = waitingBytes = heldBytes = 0;
      return all;
    },
  };
};
