/**
 * A chunk: events that are written to the device together, with the attributes that they share. One record of the outbox.
 *
 * A property whose name starts with `_` is internal: the build shortens its name.
 */
import type { Severity } from "#contract/wire/severity.ts";

/** An event in the queue, serialised when it was logged. */
export interface QueuedEvent {
  readonly id: string;
  readonly severity: Severity;
  readonly _json: string;
  readonly _chunk: Chunk;
  /** Length of the JSON in UTF-8, computed by the outbox. */
  _bytes?: number;
  /** Its place among all events, set by the outbox. */
  _order?: number;
  /** Whether a receipt accounts for the event, or it was dropped. */
  _isSettled?: boolean;
  /** Whether the event is in a batch that is being sent. */
  _isInFlight?: boolean;
}

/** A record of the outbox. */
export interface Chunk {
  /** `{owner}.{id}`: the owner is the logger that wrote it. */
  readonly _key: string;
  /** JSON of `{"resource":…,"attributes":…}`. The attributes come last and are never empty. */
  readonly _head: string;
  /** Also has settled events, until the outbox writes the record again. */
  _events: QueuedEvent[];
  /** Length of all `_events` in UTF-8, and of the settled ones, computed by the outbox. */
  _bytes?: number;
  _settledBytes?: number;
  /** Response to the request by which the core sent it. */
  _response?: Promise<Response | undefined>;
  /** Whether the chunk is known to be in IndexedDB. */
  _isSaved?: boolean;
  /** Whether the chunk was copied to localStorage. */
  _isSpilled?: boolean;
}

/** A batch of contract/wire/batch.ts, from events with the same head. A chunk is written in the same form. */
export const batchJson = (id: string, events: readonly QueuedEvent[]): string =>
  `{"v":1,"id":"${id}",${events[0]?._chunk._head.slice(1, -1)},"events":[${events.map(({ _json }) => _json).join()}]}`;

/** The events that have no outcome yet. */
export const openEvents = (events: readonly QueuedEvent[]): QueuedEvent[] =>
  events.filter(({ _isSettled }) => !_isSettled);
