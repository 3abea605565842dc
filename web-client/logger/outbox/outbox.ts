/**
 * The queue in memory: events that wait, and events that are in flight. An event and its record are removed only by
 * `remove`, or dropped when there are too many.
 */
import { SEVERITIES } from "#contract/wire/severity.ts";
import { utf8Length } from "../event/utf8-length.ts";
import type { Tuning } from "../tuning.ts";
import { openEvents, type Chunk, type QueuedEvent } from "./chunk.ts";

/** A queue with limits on events and bytes. */
export interface Outbox {
  readonly waiting: readonly QueuedEvent[];
  readonly waitingBytes: number;
  readonly inFlight: number;
  /** Adds the events of a chunk; returns the events that were dropped for them, the least severe and oldest first. */
  add(chunk: Chunk): readonly QueuedEvent[];
  /** Takes the oldest waiting events with the same head, at least one, within both limits: they are now in flight. */
  take(maxEvents: number, maxBytes: number): readonly QueuedEvent[];
  /** Marks events as in flight that are sent by other means than `take`. */
  markInFlight(events: readonly QueuedEvent[]): void;
  /** Removes events; returns those that were still there. */
  remove(events: readonly QueuedEvent[]): readonly QueuedEvent[];
  /** Removes all events from memory, but not their records. */
  clear(): void;
}

const bytesOf = (event: QueuedEvent): number => (event._bytes ??= utf8Length(event._json));
const sizeOf = (events: readonly QueuedEvent[]): number => events.reduce((total, event) => total + bytesOf(event), 0);

/** Creates an empty outbox. `chunks` are all chunks with events; `save` writes or deletes the record of one. */
export const createOutbox = (
  save: (chunk: Chunk) => void,
  chunks: Set<Chunk>,
  { maxQueuedEvents, maxQueuedBytes }: Pick<Tuning, "maxQueuedEvents" | "maxQueuedBytes">,
): Outbox => {
  let waiting: QueuedEvent[] = [];
  let waitingBytes = 0;
  let inFlight = 0;
  let inFlightBytes = 0;

  /** A record is deleted with its last event. Before that it is rewritten only if `rewrite` is set. */
  const markGone = (events: readonly QueuedEvent[], rewrite: boolean): void => {
    for (const event of events) event._isSettled = true;
    for (const chunk of new Set(events.map(({ _chunk }) => _chunk))) {
      const open = openEvents(chunk._events);
      if (!open[0]) chunks.delete(chunk);
      if (open[0] && !rewrite) continue;
      chunk._events = open;
      save(chunk);
    }
  };

  const addInFlight = (events: readonly QueuedEvent[]): void => {
    for (const event of events) event._isInFlight = true;
    inFlight += events.length;
    inFlightBytes += sizeOf(events);
    waitingBytes -= sizeOf(events);
  };

  const dropExcess = (): readonly QueuedEvent[] => {
    const dropped: QueuedEvent[] = [];
    for (const severity of SEVERITIES) {
      let count = waiting.length + inFlight;
      if (count <= maxQueuedEvents && waitingBytes + inFlightBytes <= maxQueuedBytes) break;
      waiting = waiting.filter((event) => {
        const isOver = count > maxQueuedEvents || waitingBytes + inFlightBytes > maxQueuedBytes;
        if (!isOver || event.severity !== severity) return true;
        count -= 1;
        waitingBytes -= bytesOf(event);
        dropped.push(event);
        return false;
      });
    }
    markGone(dropped, true);
    return dropped;
  };

  return {
    get waiting() {
      return waiting;
    },
    get waitingBytes() {
      return waitingBytes;
    },
    get inFlight() {
      return inFlight;
    },
    add(chunk) {
      chunks.add(chunk);
      for (const event of openEvents(chunk._events)) {
        waiting.push(event);
        waitingBytes += bytesOf(event);
      }
      return dropExcess();
    },
    take(maxEvents, maxBytes) {
      let bytes = 0;
      let count = 0;
      for (const event of waiting) {
        bytes += bytesOf(event) + 1; // and a comma
        const isOver = count >= maxEvents || bytes > maxBytes || event._chunk._head !== waiting[0]?._chunk._head;
        if (count && isOver) break;
        count += 1;
      }
      const taken = waiting.splice(0, count);
      addInFlight(taken);
      return taken;
    },
    markInFlight(events) {
      waiting = waiting.filter((event) => !events.includes(event));
      addInFlight(openEvents(events));
    },
    remove(events) {
      const open = openEvents(events);
      const wasInFlight = open.filter(({ _isInFlight }) => _isInFlight);
      inFlight -= wasInFlight.length;
      inFlightBytes -= sizeOf(wasInFlight);
      waitingBytes -= sizeOf(open) - sizeOf(wasInFlight);
      markGone(open, false);
      if (wasInFlight.length < open.length) waiting = openEvents(waiting);
      return open;
    },
    clear() {
      for (const chunk of chunks) for (const event of chunk._events) event._isSettled = true;
      chunks.clear();
      waiting = [];
      inFlight = waitingBytes = inFlightBytes = 0;
    },
  };
};
