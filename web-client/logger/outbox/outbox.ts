/**
 * Which events wait, which are held by a delivery, and what has to go when there are too many. An event leaves it, and
 * its record, only when `remove` is told so, or when it is dropped.
 */
import { SEVERITIES } from "#contract/wire/severity.ts";
import type { Chunk, QueuedEvent } from "./chunk.ts";
import type { Store } from "./store.ts";
import type { Tuning } from "../tuning.ts";
import { utf8Length } from "../event/utf8-length.ts";

/** A bounded queue whose events leave only when told so. */
export interface Outbox {
  readonly waiting: readonly QueuedEvent[];
  readonly waitingBytes: number;
  readonly held: number;
  /** Puts events in; returns what had to go for them, the least severe and oldest first. */
  add(chunk: Chunk): readonly QueuedEvent[];
  /** The oldest waiting events with the same head and within both bounds, from now on held; at least one. */
  take(maxEvents: number, maxBytes: number): readonly QueuedEvent[];
  /** Holds these events, as if they had been taken. */
  hold(events: readonly QueuedEvent[]): void;
  /** Lets held events wait again, at their old place. */
  release(events: readonly QueuedEvent[]): void;
  /** Forgets events; returns those that were still there. */
  remove(events: readonly QueuedEvent[]): readonly QueuedEvent[];
  /** Forgets everything, but not its records. */
  clear(): void;
}

const isOpen = ({ isGone }: QueuedEvent): boolean => !isGone;
const bytesOf = (event: QueuedEvent): number => (event.bytes ??= utf8Length(event.json));
const sizeOf = (events: readonly QueuedEvent[]): number => events.reduce((total, one) => total + bytesOf(one), 0);

/** Creates an empty outbox; `chunks` are all that have events left. */
export const createOutbox = (
  store: Pick<Store, "touch">,
  chunks: Set<Chunk>,
  { maxQueuedEvents, maxQueuedBytes }: Pick<Tuning, "maxQueuedEvents" | "maxQueuedBytes">,
): Outbox => {
  let waiting: QueuedEvent[] = [];
  let waitingBytes = 0;
  let held = 0;
  let heldBytes = 0;

  /** Deletes the record with its last event. Before that it is written anew only where `isRewritten`. */
  const leave = (events: readonly QueuedEvent[], isRewritten: boolean): void => {
    for (const event of events) event.isGone = true;
    for (const chunk of new Set(events.map((event) => event.chunk))) {
      const open = chunk.queue.filter(isOpen);
      if (!open[0]) chunks.delete(chunk);
      if (open[0] && !isRewritten) continue;
      chunk.queue = open;
      store.touch(chunk);
    }
  };

  const hold = (events: readonly QueuedEvent[]): void => {
    for (const event of events) event.isHeld = true;
    held += events.length;
    heldBytes += sizeOf(events);
    waitingBytes -= sizeOf(events);
  };

  const trim = (): readonly QueuedEvent[] => {
    const dropped: QueuedEvent[] = [];
    for (const severity of SEVERITIES) {
      let count = waiting.length + held;
      if (count <= maxQueuedEvents && waitingBytes + heldBytes <= maxQueuedBytes) break;
      waiting = waiting.filter((event) => {
        const isOver = count > maxQueuedEvents || waitingBytes + heldBytes > maxQueuedBytes;
        if (!isOver || event.severity !== severity) return true;
        count -= 1;
        waitingBytes -= bytesOf(event);
        dropped.push(event);
        return false;
      });
    }
    leave(dropped, true);
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
    add(chunk) {
      chunks.add(chunk);
      for (const event of chunk.queue) {
        if (event.isGone) continue;
        waiting.push(event);
        waitingBytes += bytesOf(event);
      }
      return trim();
    },
    take(maxEvents, maxBytes) {
      let bytes = 0;
      let count = 0;
      for (const event of waiting) {
        bytes += bytesOf(event) + 1; // and a comma
        if (count && (count >= maxEvents || bytes > maxBytes || event.chunk.head !== waiting[0]?.chunk.head)) break;
        count += 1;
      }
      const taken = waiting.splice(0, count);
      hold(taken);
      return taken;
    },
    hold(events) {
      waiting = waiting.filter((event) => !events.includes(event));
      hold(events.filter(isOpen));
    },
    release(events) {
      const open = events.filter((event) => event.isHeld && isOpen(event));
      for (const event of open) event.isHeld = false;
      held -= open.length;
      heldBytes -= sizeOf(open);
      waitingBytes += sizeOf(open);
      waiting = [...open, ...waiting].sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    remove(events) {
      const open = events.filter(isOpen);
      const wasHeld = open.filter(({ isHeld }) => isHeld);
      held -= wasHeld.length;
      heldBytes -= sizeOf(wasHeld);
      waitingBytes -= sizeOf(open) - sizeOf(wasHeld);
      leave(open, false);
      if (wasHeld.length < open.length) waiting = waiting.filter(isOpen);
      return open;
    },
    clear() {
      for (const chunk of chunks) for (const event of chunk.queue) event.isGone = true;
      chunks.clear();
      waiting = [];
      held = waitingBytes = heldBytes = 0;
    },
  };
};
