/**
 * Where events wait until a receipt accounts for them. The logger knows this interface only, so that a store that
 * survives a reload can take the place of the one in memory.
 *
 * An event is waiting, or held by one delivery, or gone. Only `remove` and a full outbox make it go.
 */
import type { Severity } from "../../contract/severity.ts";

/** One event, serialised when it was logged: later changes to the caller's objects don't reach it. */
export interface QueuedEvent {
  /** UUIDv7; their order as strings is the order of the calls. */
  readonly id: string;
  readonly severity: Severity;
  readonly atMs: number;
  readonly json: string;
  readonly bytes: number;
}

/** A bounded queue whose events leave only when told so. */
export interface Outbox {
  /** Puts an event in; returns what had to go for it, the least severe and oldest first. It may be the event itself. */
  add(event: QueuedEvent): readonly QueuedEvent[];
  /** The oldest waiting events within both bounds, from now on held. */
  take(maxEvents: number, maxBytes: number): readonly QueuedEvent[];
  /** Lets held events wait again, at their old place. */
  release(events: readonly QueuedEvent[]): void;
  /** Forgets events; returns those that were still there. */
  remove(events: readonly QueuedEvent[]): readonly QueuedEvent[];
  /** Forgets everything; returns it. */
  clear(): readonly QueuedEvent[];
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly held: number;
  /** When the oldest waiting event was logged. */
  readonly oldestAtMs: number | undefined;
  /** Whether an `error` or `fatal` waits. */
  readonly isUrgent: boolean;
}
