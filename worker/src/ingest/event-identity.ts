/**
 * The identity of events: their ids, and the order in which they were sent. Pure.
 */
import { v5 as uuidv5 } from "uuid";
import { SEQUENCES_PER_PAYLOAD } from "#contract/store/log-document.ts";
import { readHex } from "#contract/wire/uuid.ts";
import type { DecodedPayload, Delivery } from "./delivery.ts";

const toBytes = (id: string): Uint8Array => {
  const hex = id.replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
};

/** Version 5 UUID. Accepts a namespace of any version: `uuid` throws for the text of one with an unknown version. */
const deriveUuid = (name: string, namespace: string): string =>
  uuidv5(new TextEncoder().encode(name), toBytes(namespace));

/**
 * Derives an id for an event without one from its position and the batch id, the content of the payload, or else the stamp of
 * the delivery. Two apps may send the same content, so the id derived from it depends on the app.
 */
export const deriveId = (
  delivery: Delivery,
  { batchId, contentId, events }: DecodedPayload,
  position: number,
): string => {
  if (batchId !== undefined) return deriveUuid(String(position), batchId);
  if (contentId !== undefined) return deriveUuid(`${delivery.app} ${position}`, contentId);
  return events.length === 1 ? delivery.stamp : deriveUuid(String(position), delivery.stamp);
};

/** The first event with an id. */
interface Claim {
  readonly sent: unknown;
  /** Its JSON. Made once, because a thousand small events may have the id of a large one. */
  json?: string;
}

/** The ids of one payload. An id that a different event of the payload has is replaced, so that both are stored. */
export class PayloadIds {
  /** The first event with each id. Created for the second id, because many payloads have only one event. */
  #claims: Map<string, Claim> | undefined;
  #first: (Claim & { readonly id: string }) | undefined;

  /**
   * Returns the id of an event: the same id, or one that is derived from it and from the content of the event if an earlier
   * event of the payload has the id and other content. Both are the same for each delivery.
   */
  claim(id: string, sent: unknown): string {
    if (this.#first === undefined) {
      this.#first = { id, sent };
      return id;
    }
    this.#claims ??= new Map([[this.#first.id, this.#first]]);
    const claim = this.#claims.get(id);
    if (claim === undefined) {
      this.#claims.set(id, { sent });
      return id;
    }
    claim.json ??= JSON.stringify(claim.sent);
    const content = JSON.stringify(sent);
    return content === claim.json ? id : deriveUuid(content, id);
  }
}

/**
 * The counter of a stamp: the 32 bits after the time. Stamps of one process with the same millisecond have ascending
 * counters (RFC 9562, 6.2, method 1).
 */
const counterOf = (stamp: string): number => {
  const bytes = readHex(stamp, 15, 18);
  const high = readHex(stamp, 19, 23) & 0x3fff;
  const low = readHex(stamp, 24, 26) >>> 2;
  return bytes * 2 ** 20 + high * 2 ** 6 + low;
};

/**
 * The first number in the order of sending among events that arrived in the same millisecond. The number of an event is this
 * number plus its position. At most 2^42.
 */
export const firstSequenceOf = (stamp: string): number => counterOf(stamp) * SEQUENCES_PER_PAYLOAD;
