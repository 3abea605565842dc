/**
 * When the page is hidden or goes away, sends open events by requests that outlive it.
 *
 * The same events are also sent as usual if the page is not closed; the first receipt counts.
 */
import { newId } from "../event/new-id.ts";
import { utf8Length } from "../event/utf8-length.ts";
import type { QueuedEvent } from "../outbox/chunk.ts";
import type { BatchEncoder } from "./encode-batch.ts";

/** Below the 64 KiB that browsers allow for all `keepalive` requests of a page together. */
const MAX_KEEPALIVE_BYTES = 61_440;

export interface HideSenderOptions {
  readonly _encode: BatchEncoder;
  /** Sends a batch. */
  readonly _post: (body: string) => Promise<Response | undefined>;
  readonly _onResponse: (events: readonly QueuedEvent[], response: Promise<Response | undefined>) => void;
}

/** Returns a function that sends as many of the events, the oldest first, as fit into the limit. */
export const createHideSender = ({ _encode: encode, _post: post, _onResponse: onResponse }: HideSenderOptions) => {
  let budget = MAX_KEEPALIVE_BYTES;

  const sendBatch = (events: readonly QueuedEvent[]): void => {
    const body = encode(newId(), events);
    const bytes = utf8Length(body);
    budget -= bytes;
    onResponse(
      events,
      post(body).finally(() => (budget += bytes)),
    );
  };

  return (events: readonly QueuedEvent[]): void => {
    let batch: QueuedEvent[] = [];
    let bytesLeft = budget;
    for (const event of events) {
      if (batch[0] && batch[0]._chunk._head !== event._chunk._head) {
        sendBatch(batch);
        batch = [];
      }
      if (!batch[0]) bytesLeft -= encode._overheadOf(event);
      bytesLeft -= utf8Length(event._json) + 1;
      if (bytesLeft < 0) break;
      batch.push(event);
    }
    if (batch[0]) sendBatch(batch);
  };
};
