/**
 * Batches as JSON, with the attributes that describe the sender and the time of sending.
 */
import { utf8Length } from "../event/utf8-length.ts";
import { batchJson, type QueuedEvent } from "../outbox/chunk.ts";
import { language, now, SDK_NAME, userAgent } from "../platform.ts";

/** Bytes of a batch in addition to its events, head and resource attributes, rounded up. */
const MAX_ENVELOPE_BYTES = 256;

export interface BatchEncoder {
  (id: string, events: readonly QueuedEvent[]): string;
  /** Upper limit of the bytes of a batch without its events. */
  _overheadOf(event: QueuedEvent): number;
}

export const createBatchEncoder = (): BatchEncoder => {
  // Over HTTP the server could read most of this from the request's headers; over MQTT there are none.
  const resource = JSON.stringify({
    "telemetry.sdk.name": SDK_NAME,
    "user_agent.original": userAgent(),
    "browser.language": language(),
  }).slice(1, -1);
  const encode = (id: string, events: readonly QueuedEvent[]): string => {
    const head = events[0]?._chunk._head.slice(1, -1) ?? "";
    const extended = head
      .replace(/^"resource":{(}?)/, (_start, end) => `"resource":{${resource}${end || ","}`)
      // The attributes come last and are never empty. The server compares this time with its own clock.
      .replace(/}$/, `,"edgelog.sent_time":${now()}}`);
    return batchJson(id, events).replace(head, () => extended);
  };
  const overheadOf = ({ _chunk }: QueuedEvent): number =>
    utf8Length(_chunk._head) + utf8Length(resource) + MAX_ENVELOPE_BYTES;
  return Object.assign(encode, { _overheadOf: overheadOf });
};
