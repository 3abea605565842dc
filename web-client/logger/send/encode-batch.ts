/**
 * Batches as JSON, with the attributes that describe the sender and the time of sending. The server rejects a batch whose shared
 * attributes are too long or too many, so the last ones are cut and marked, or omitted and counted.
 */
import type { Attributes } from "#contract/wire/attributes.ts";
import { MAX_ATTRIBUTE_COUNT, MAX_SHARED_LENGTH } from "#contract/wire/limits.ts";
import { DROPPED_COUNT_KEY } from "../event/copy-event.ts";
import { CUT_MARK, redact } from "../event/redact.ts";
import { utf8Length } from "../event/utf8-length.ts";
import { batchJson, type QueuedEvent } from "../outbox/chunk.ts";
import { language, now, SDK_NAME, userAgent } from "../platform.ts";

/** Bytes of a batch in addition to its events, head and resource attributes, rounded up. */
const MAX_ENVELOPE_BYTES = 256;
/** Length of the keys that are added to the attributes, and number of attributes that are added to the resource; rounded up. */
const MAX_ADDED_LENGTH = 64;
const MAX_ADDED_COUNT = 3;

export interface BatchEncoder {
  (id: string, events: readonly QueuedEvent[]): string;
  /** Upper limit of the bytes of a batch without its events. */
  _overheadOf(event: QueuedEvent): number;
}

export const createBatchEncoder = (): BatchEncoder => {
  // Over HTTP the server could read most of this from the request's headers; over MQTT there are none.
  const sender = {
    "telemetry.sdk.name": SDK_NAME,
    "user_agent.original": userAgent(),
    "browser.language": language(),
  };
  const { length: senderLength } = JSON.stringify(sender);
  let lastHead: string | undefined;
  /** The last head, extended and within the limits. */
  let extended: { resource: Record<string, unknown>; attributes: Record<string, unknown> };

  const extend = (head: string): void => {
    const { resource, attributes } = JSON.parse(head) as Readonly<Record<"resource" | "attributes", Attributes>>;
    const { [DROPPED_COUNT_KEY]: before, ...shared } = attributes;
    let dropped = (before ?? 0) as number;
    /** A copy within the limits. */
    const fit = (map: Attributes): Record<string, unknown> => {
      let lengthLeft = MAX_SHARED_LENGTH - senderLength - MAX_ADDED_LENGTH;
      let countLeft = MAX_ATTRIBUTE_COUNT - MAX_ADDED_COUNT;
      const json = JSON.stringify(map, (key, value: unknown) => {
        const left = lengthLeft - key.length;
        if (left < CUT_MARK.length || countLeft < 1) {
          dropped++;
          return undefined;
        }
        lengthLeft = left;
        if (Array.isArray(value)) {
          // An omitted element would be `null`.
          dropped += Math.max(0, value.length - countLeft);
          return value.slice(0, countLeft);
        }
        if (value && typeof value === "object") return value;
        countLeft--;
        if (typeof value !== "string") return value;
        const text = value.length > left ? redact(value, left) : value;
        lengthLeft -= text.length;
        return text;
      });
      return JSON.parse(json);
    };
    extended = { resource: { ...sender, ...fit(resource) }, attributes: fit(shared) };
    if (dropped) extended.attributes[DROPPED_COUNT_KEY] = dropped;
  };

  const encode = (id: string, events: readonly QueuedEvent[]): string => {
    const head = events[0]?._chunk._head ?? "";
    if (head !== lastHead) extend((lastHead = head));
    // The server compares this time with its own clock.
    extended.attributes["edgelog.sent_time"] = now();
    return batchJson(id, events).replace(head.slice(1, -1), () => JSON.stringify(extended).slice(1, -1));
  };
  const overheadOf = ({ _chunk }: QueuedEvent): number => utf8Length(_chunk._head) + senderLength + MAX_ENVELOPE_BYTES;
  return Object.assign(encode, { _overheadOf: overheadOf });
};
