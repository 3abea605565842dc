/**
 * The outbox in memory: one lane a severity, so that a full outbox finds what to drop without a search.
 */
import { SEVERITIES } from "../../contract/severity.ts";
import type { Outbox, QueuedEvent } from "./outbox.ts";

/** Bounds of an outbox; held events count as well. */
export interface MemoryOutboxOptions {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

const byId = (a: QueuedEvent, b: QueuedEvent): number => (a.id < b.id ? -1 : 1);

/** Creates an empty outbox. */
export const createMemoryOutbox = ({ maxEvents, maxBytes }: MemoryOutboxOptions): Outbox => {
  const lanes: QueuedEvent[][] = SEVERITIES.map(() => []);
  const held = new Map<string, QueuedEvent>();
  let waiting = 0;
  let waitingBytes = 0;
  let heldBytes = 0;

  const laneOf = (event: QueuedEvent): QueuedEvent[] => lanes[SEVERITIES.indexOf(event.severity)] ?? [];
  const enqueue = (event: QueuedEvent): void => {
    laneOf(event).push(event);
    waiting += 1;
    waitingBytes += event.bytes;
  };
  const dequeue = (lane: QueuedEvent[] | undefined): QueuedEvent | undefined => {
    const event = lane?.shift();
    if (event === undefined) return undefined;
    waiting -= 1;
    waitingBytes -= event.bytes;
    return event;
  };
  const unhold = (events: readonly QueuedEvent[]): readonly QueuedEvent[] => {
    const known = events.filter(({ id }) => held.delete(id));
    for (const { bytes } of known) heldBytes -= bytes;
    return known;
  };
  const oldestLane = (): QueuedEvent[] | undefined => {
    let oldest: QueuedEvent[] | undefined;
    for (const lane of lanes) {
      const head = lane[0];
      const best = oldest?.[0];
      if (head !== undefined && (best === undefined || head.id < best.id)) oldest = lane;
    }
    return oldest;
  };

  return {
    add(event) {
      enqueue(event);
      const dropped: QueuedEvent[] = [];
      while (waiting + held.size > maxEvents || waitingBytes + heldBytes > maxBytes) {
        const victim = dequeue(lanes.find((lane) => lane.length > 0));
        if (victim === undefined) break;
        dropped.push(victim);
      }
      return dropped;
    },
    take(maxCount, maxSize) {
      const taken: QueuedEvent[] = [];
      let bytes = 0;
      while (taken.length < maxCount) {
        const lane = oldestLane();
        const size = lane?.[0]?.bytes ?? Number.POSITIVE_INFINITY;
        // One byte for the comma between two events.
        if (bytes + size + 1 > maxSize) break;
        const event = dequeue(lane);
        if (event === undefined) break;
        bytes += size + 1;
        heldBytes += size;
        held.set(event.id, event);
        taken.push(event);
      }
      return taken;
    },
    release(events) {
      for (const event of unhold(events)) {
        enqueue(event);
        laneOf(event).sort(byId);
      }
    },
    remove: unhold,
    clear() {
      const all = [...held.values(), ...lanes.flat()];
      held.clear();
      for (const lane of lanes) lane.length = 0;
      waiting = 0;
      waitingBytes = 0;
      heldBytes = 0;
      return all;
    },
    get waiting() {
      return waiting;
    },
    get waitingBytes() {
      return waitingBytes;
    },
    get held() {
      return held.size;
    },
    get oldestAtMs() {
      return oldestLane()?.[0]?.atMs;
    },
    get isUrgent() {
      return lanes.some((lane, i) => i >= SEVERITIES.indexOf("error") && lane.length > 0);
    },
  };
};
