/**
 * What is written at once: the events of one task, and what they share.
 */
import type { Severity } from "#contract/wire/severity.ts";

/** An event on its way, serialised when it was logged. */
export interface QueuedEvent {
  readonly id: string;
  readonly severity: Severity;
  readonly json: string;
  /** What it is written with. */
  readonly chunk: Chunk;
  /** In UTF-8; the outbox counts them. */
  bytes?: number;
  /** Accounted for or dropped. */
  isGone?: boolean;
  isHeld?: boolean;
}

/** A record of the outbox. */
export interface Chunk {
  /** `{owner}.{id}`: the owner is the logger that wrote it. */
  readonly recordKey: string;
  /** JSON of `{"resource":…,"attributes":…}`, the attributes last and never empty. */
  readonly head: string;
  queue: QueuedEvent[];
  isSent?: boolean;
  isSaved?: boolean;
  /** In localStorage. */
  isSpilled?: boolean;
}

/** Events of one head as a batch of contract/wire/batch.ts; a chunk is written in the same form. */
export const batchText = (id: string, events: readonly QueuedEvent[]): string =>
  `{"v":1,"id":"${id}",${events[0]?.chunk.head.slice(1, -1)},"events":[${events.map(({ json }) => json).join()}]}`;
