/**
 * The queue in memory: events that wait, and events that are in flight. An event and its record are removed only by
 * `_remove`, or dropped when there are too many.
 */
import { SEVERITIES } from "#contract/wire/severity.ts";
import { utf8Length } from "../event/utf8-length.ts";
import type { Tuning } from "../tuning.ts";
import { openEvents, type Chunk, type QueuedEvent } from "./chunk.ts";

/** A queue with limits on events and bytes. */
export interface Outbox {
  /** Number of events that wait. */
  readonly _waiting: number;
  readonly _waitingBytes: number;
  /** Whether an event waits that is sent at once. */
  readonly _hasErrors: boolean;
  readonly _inFlight: number;
  /** Adds the events of a chunk; returns the events that were dropped for them, the least severe and oldest first. */
  _add(chunk: Chunk): readonly QueuedEvent[];
  /**
   * Takes the oldest waiting events with the same head, at least one, within both limits: they are now in flight. The head counts as
   * bytes, too.
   */
  _take(maxEvents: number, maxBytes: number): readonly QueuedEvent[];
  /** Marks events as in flight that are sent by other means than `_take`. */
  _markInFlight(events: readonly QueuedEvent[]): void;
  /** Removes events; returns those that were still there. */
  _remove(events: readonly QueuedEvent[]): readonly QueuedEvent[];
  /** Removes all events from memory, but not their records. */
  _clear(): void;
}

const bytesOf = (event: QueuedEvent): number => (event._bytes ??= utf8Length(event._json));
const sizeOf = (events: readonly QueuedEvent[]): number => events.reduce((total, event) => total + bytesOf(event), 0);

/** Events of one severity that wait. An event can be added and the first one removed at a cost that does not depend on their number. */
interface Queue {
  /** The newest first. Gets the events of `_new` when it is empty. */
  _old: QueuedEvent[];
  /** The oldest first. */
  _new: QueuedEvent[];
}

const firstOf = (queue: Queue): QueuedEvent | undefined => {
  if (!queue._old[0]) while (queue._new[0]) queue._old.push(queue._new.pop() as QueuedEvent);
  return queue._old.at(-1);
};

const isWaiting = ({ _isInFlight, _isSettled }: QueuedEvent): boolean => !_isInFlight && !_isSettled;

/** Index of the lowest severity that is sent at once. */
const ERROR = 4;

/** Bytes of a record in addition to its events and its head, rounded up. */
const MAX_ENVELOPE_BYTES = 192;

const headBytesOf = ({ _head }: Chunk): number => utf8Length(_head) + MAX_ENVELOPE_BYTES;

/** A record is written again when at least this part of its events is settled, because each write has all its events. */
const MIN_SETTLED = 1 / 4;

/** Creates an empty outbox. `chunks` are all chunks with events; `save` writes or deletes the record of one. */
export const createOutbox = (
  save: (chunk: Chunk) => void,
  chunks: Set<Chunk>,
  { maxQueuedEvents, maxQueuedBytes }: Pick<Tuning, "maxQueuedEvents" | "maxQueuedBytes">,
): Outbox => {
  const queues = SEVERITIES.map((): Queue => ({ _old: [], _new: [] }));
  let added = 0;
  let waiting = 0;
  let waitingBytes = 0;
  let inFlight = 0;
  /** Length of all events and of the heads of their chunks. */
  let bytes = 0;

  // `beforeSend` can return a text that is not a severity.
  const queueOf = ({ severity }: QueuedEvent): Queue => (queues[SEVERITIES.indexOf(severity)] ?? queues[0]) as Queue;

  /** The event that was added first, or the one to be dropped first: the oldest of the lowest severity. */
  const firstWaiting = (isLeast?: boolean): QueuedEvent | undefined => {
    let first: QueuedEvent | undefined;
    for (const queue of queues) {
      const event = firstOf(queue);
      if (event && !(first && (isLeast || (first._order as number) < (event._order as number)))) first = event;
    }
    return first;
  };

  /** Removes an event that `firstWaiting` has returned. */
  const removeFirst = (event: QueuedEvent): void => {
    queueOf(event)._old.pop();
    waiting--;
    waitingBytes -= bytesOf(event);
  };

  /** Removes events that do not wait any more, wherever they are. */
  const removeOthers = (): void => {
    waiting = 0;
    for (const queue of queues) {
      queue._old = queue._old.filter(isWaiting);
      queue._new = queue._new.filter(isWaiting);
      waiting += queue._old.length + queue._new.length;
    }
  };

  /** A record is deleted with its last event. */
  const markSettled = (events: readonly QueuedEvent[]): void => {
    for (const event of events) {
      event._isSettled = true;
      bytes -= bytesOf(event);
      event._chunk._settledBytes = (event._chunk._settledBytes ?? 0) + bytesOf(event);
    }
    for (const chunk of new Set(events.map(({ _chunk }) => _chunk))) {
      const recordBytes = (chunk._bytes ??= sizeOf(chunk._events));
      if ((chunk._settledBytes as number) < recordBytes * MIN_SETTLED) continue;
      chunk._events = openEvents(chunk._events);
      chunk._bytes = recordBytes - (chunk._settledBytes as number);
      chunk._settledBytes = 0;
      if (!chunk._events[0]) {
        chunks.delete(chunk);
        bytes -= headBytesOf(chunk);
      }
      save(chunk);
    }
  };

  const addInFlight = (events: readonly QueuedEvent[]): void => {
    for (const event of events) event._isInFlight = true;
    inFlight += events.length;
  };

  const dropExcess = (): readonly QueuedEvent[] => {
    const dropped: QueuedEvent[] = [];
    while (waiting + inFlight > maxQueuedEvents || bytes > maxQueuedBytes) {
      const event = firstWaiting(true);
      if (!event) break;
      removeFirst(event);
      dropped.push(event);
      markSettled([event]);
    }
    return dropped;
  };

  return {
    get _waiting() {
      return waiting;
    },
    get _waitingBytes() {
      return waitingBytes;
    },
    get _hasErrors() {
      return queues.slice(ERROR).some(firstOf);
    },
    get _inFlight() {
      return inFlight;
    },
    _add(chunk) {
      chunks.add(chunk);
      bytes += headBytesOf(chunk);
      for (const event of openEvents(chunk._events)) {
        event._order = added++;
        queueOf(event)._new.push(event);
        waiting++;
        waitingBytes += bytesOf(event);
        bytes += bytesOf(event);
      }
      return dropExcess();
    },
    _take(maxEvents, maxBytes) {
      const head = firstWaiting()?._chunk._head ?? "";
      let taking = utf8Length(head);
      const taken: QueuedEvent[] = [];
      for (let event; (event = firstWaiting());) {
        taking += bytesOf(event) + 1; // and a comma
        const isOver = taken.length >= maxEvents || taking > maxBytes || event._chunk._head !== head;
        if (taken[0] && isOver) break;
        removeFirst(event);
        taken.push(event);
      }
      addInFlight(taken);
      return taken;
    },
    _markInFlight(events) {
      const open = openEvents(events);
      addInFlight(open);
      waitingBytes -= sizeOf(open);
      removeOthers();
    },
    _remove(events) {
      const open = openEvents(events);
      const waited = open.filter(isWaiting);
      inFlight -= open.length - waited.length;
      waitingBytes -= sizeOf(waited);
      markSettled(open);
      if (waited[0]) removeOthers();
      return open;
    },
    _clear() {
      for (const chunk of chunks) for (const event of chunk._events) event._isSettled = true;
      chunks.clear();
      removeOthers();
      inFlight = waitingBytes = bytes = 0;
    },
  };
};
