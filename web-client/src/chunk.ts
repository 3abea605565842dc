/**
 * What is written at once: the events of one task, at most as many as one batch takes, and what they share.
 */
import type { QueuedEvent } from "./event.ts";

/** A record of the outbox. */
export interface Chunk {
  /** `{owner}.{id}`: the owner is the logger that wrote it. */
  readonly key: string;
  /** JSON of `{"resource":…,"attributes":…}`, the attributes last and never empty. */
  readonly head: string;
  events: QueuedEvent[];
  bytes: number;
  isSaved?: boolean;
  /** In localStorage. */
  isSpilled?: boolean;
}

const listOf = (events: readonly QueuedEvent[]): string => `"events":[${events.map(({ json }) => json).join(",")}]}`;

/** A chunk as it is written. */
export const chunkText = ({ head, events }: Chunk): string => `{"head":${head},${listOf(events)}`;

/** Events of one head as a batch of contract/batch.ts. */
export const batchText = (id: string, events: readonly QueuedEvent[]): string =>
  // The server compares this time with its own: a wrong clock shows.
  `{"v":1,"id":"${id}",${events[0]?.chunk.head.slice(1, -2)},"edgelog.sent_time":${Date.now()}},${listOf(events)}`;
