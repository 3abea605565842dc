/**
 * Recognises messages that the broker delivers anew after a reconnect while they are still on their way here.
 *
 * Such a message keeps the stamp of its first arrival, so that events without an id of their own are not doubled by a
 * connection that broke. The broker sends them first, in their order, with their old packet identifiers and DUP set
 * [MQTT-4.4.0-1, MQTT-4.6.0-1].
 */
import { hash } from "node:crypto";
import type { HandedMessage } from "./handover-file.ts";
import type { HeldMessage } from "./held-message.ts";

/**
 * What was acknowledged a moment ago stays known, by its digest: the PUBACK may have been on its way when the connection
 * broke. 2,000 messages are what a broken connection can hold at full speed; more would cost memory.
 */
const REMEMBERED_MESSAGES = 2_000;

const NOTHING = new Uint8Array(0);

const digestOf = (payload: Uint8Array): string => hash("sha1", payload, "base64");

const isSame = (message: HeldMessage, topic: string, payload: Uint8Array): boolean =>
  message.topic === topic &&
  (message.digest === undefined
    ? Buffer.compare(message.payload, payload) === 0
    : message.digest === digestOf(payload));

interface Acknowledged {
  readonly messageId: number;
  readonly message: HeldMessage;
}

/** A message that a relay before this one had in hand. Its payload comes again with it. */
const toHeld = ({ id, topic, digest, arrivedAtMs }: HandedMessage): HeldMessage => ({
  id,
  topic,
  payload: NOTHING,
  digest,
  bytes: 0,
  arrivedAtMs,
  replyTo: undefined,
  acknowledge: () => {},
  isDone: false,
});

export class Redeliveries {
  #current = new Map<number, HeldMessage>();
  #previous: Map<number, HeldMessage>;
  readonly #acknowledged: Acknowledged[] = [];

  /** `handed`: what the relay before left. */
  constructor(handed: readonly HandedMessage[] = []) {
    this.#previous = new Map(handed.map((message) => [message.messageId, toHeld(message)]));
  }

  /**
   * What the broker may deliver again, for the relay after this one. What the Worker has taken is among it: acknowledged in
   * order, it may have waited for one before it.
   */
  handOver(): HandedMessage[] {
    return [...this.#previous, ...this.#current].map(([messageId, message]) => {
      const { id, topic, payload, digest = digestOf(payload), arrivedAtMs } = message;
      return { messageId, id, topic, digest, arrivedAtMs };
    });
  }

  /** A new connection: whatever was not acknowledged will come again. */
  startConnection(isSessionPresent: boolean): void {
    this.#previous = isSessionPresent ? new Map([...this.#previous, ...this.#current]) : new Map();
    this.#current = new Map();
    this.#acknowledged.length = 0;
  }

  /** The message that this delivery repeats. A first delivery (no DUP) means that the repeated ones are through. */
  find(messageId: number, isDup: boolean, topic: string, payload: Uint8Array): HeldMessage | undefined {
    if (!isDup) {
      if (this.#previous.size > 0) this.#previous = new Map();
      return undefined;
    }
    const message = this.#previous.get(messageId);
    this.#previous.delete(messageId);
    return message !== undefined && isSame(message, topic, payload) ? message : undefined;
  }

  track(messageId: number, message: HeldMessage): void {
    this.#current.set(messageId, message);
  }

  /** The message is acknowledged; the oldest of those that are remembered all the same is forgotten for it. */
  forget(messageId: number, message: HeldMessage): void {
    message.digest ??= digestOf(message.payload);
    message.payload = NOTHING;
    this.#acknowledged.push({ messageId, message });
    // In slices: taking one off the front of an array copies it.
    if (this.#acknowledged.length < REMEMBERED_MESSAGES * 2) return;
    for (const old of this.#acknowledged.splice(0, REMEMBERED_MESSAGES)) {
      if (this.#current.get(old.messageId) === old.message) this.#current.delete(old.messageId);
    }
  }
}
