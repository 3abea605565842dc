/**
 * Recognises messages that the broker delivers again after a reconnect while the relay still holds them.
 *
 * Such a message keeps the stamp of its first delivery, so a broken connection does not store events without ids twice.
 * The broker redelivers first, in the original order, with the original packet identifiers and the DUP flag
 * [MQTT-4.4.0-1, MQTT-4.6.0-1].
 */
import { hash } from "node:crypto";
import type { HandoverEntry } from "./handover-file.ts";
import type { HeldMessage } from "./held-message.ts";

/**
 * Acknowledged messages are remembered by their digest, because the PUBACK may be lost with the connection. 2,000 covers
 * the PUBACKs of a broken connection at full speed; more would cost memory.
 */
const REMEMBERED_MESSAGES = 2_000;

const EMPTY = new Uint8Array(0);

const digestOf = (payload: Uint8Array): string => hash("sha1", payload, "base64");

const isSame = (message: TrackedMessage, topic: string, payload: Uint8Array): boolean =>
  message.topic === topic &&
  (message.digest === undefined
    ? Buffer.compare(message.payload, payload) === 0
    : message.digest === digestOf(payload));

/** A message of this relay, or one that an earlier relay handed over. */
export type TrackedMessage = Omit<HeldMessage, "session">;

interface Acknowledged {
  readonly messageId: number;
  readonly message: TrackedMessage;
}

/** A message of the previous relay. Its payload arrives with the redelivery. */
const fromHandover = ({ id, topic, digest, arrivedAtMs }: HandoverEntry): TrackedMessage => ({
  id,
  topic,
  payload: EMPTY,
  digest,
  bytes: 0,
  arrivedAtMs,
  replyTo: undefined,
  acknowledge: () => {},
  isDone: false,
});

export class RedeliveryTracker {
  /** Messages of the current connection by packet identifier. */
  #current = new Map<number, TrackedMessage>();
  /** Messages of earlier connections that the broker may deliver again. */
  #previous: Map<number, TrackedMessage>;
  readonly #acknowledged: Acknowledged[] = [];

  /** `entries`: the messages that the previous relay left unacknowledged. */
  constructor(entries: readonly HandoverEntry[] = []) {
    this.#previous = new Map(entries.map((entry) => [entry.messageId, fromHandover(entry)]));
  }

  /**
   * Returns the messages that the broker may deliver again, for the handover file. They include messages that the Worker
   * has stored: their PUBACK may still wait for an earlier message.
   */
  toHandover(): HandoverEntry[] {
    return [...this.#previous, ...this.#current].map(([messageId, message]) => {
      const { id, topic, payload, digest = digestOf(payload), arrivedAtMs } = message;
      return { messageId, id, topic, digest, arrivedAtMs };
    });
  }

  /** Call on CONNACK. Without a session at the broker there are no redeliveries. */
  startConnection(isSessionPresent: boolean): void {
    this.#previous = isSessionPresent ? new Map([...this.#previous, ...this.#current]) : new Map();
    this.#current = new Map();
    this.#acknowledged.length = 0;
  }

  /**
   * Returns the message that this delivery repeats, or `undefined` if it is new. The first delivery without DUP ends the
   * redeliveries of a connection.
   */
  match(messageId: number, isDup: boolean, topic: string, payload: Uint8Array): TrackedMessage | undefined {
    if (!isDup) {
      if (this.#previous.size > 0) this.#previous = new Map();
      return undefined;
    }
    const message = this.#previous.get(messageId);
    this.#previous.delete(messageId);
    return message !== undefined && isSame(message, topic, payload) ? message : undefined;
  }

  track(messageId: number, message: TrackedMessage): void {
    this.#current.set(messageId, message);
  }

  /** Call before the PUBACK. Replaces the payload with its digest, and forgets the oldest acknowledged messages. */
  markAcknowledged(messageId: number, message: TrackedMessage): void {
    message.digest ??= digestOf(message.payload);
    message.payload = EMPTY;
    this.#acknowledged.push({ messageId, message });
    // Removed in slices: removing one item from the front of an array copies the array.
    if (this.#acknowledged.length < REMEMBERED_MESSAGES * 2) return;
    for (const old of this.#acknowledged.splice(0, REMEMBERED_MESSAGES)) {
      if (this.#current.get(old.messageId) === old.message) this.#current.delete(old.messageId);
    }
  }
}
