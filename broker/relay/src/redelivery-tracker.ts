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
 * Acknowledged messages are remembered by their digest, because the PUBACK may be lost with the connection. 2,000 of each
 * session cover the PUBACKs of a broken connection at full speed; more would cost memory.
 */
const MAX_REMEMBERED = 2_000;

/** All sessions together remember at most about this many messages, or {@link MIN_REMEMBERED} each. One takes 300 bytes. */
const MAX_REMEMBERED_BY_ALL = 16_000;
const MIN_REMEMBERED = 64;

const EMPTY = new Uint8Array(0);
const DO_NOTHING = (): void => {};

const digestOf = (payload: Uint8Array): string => hash("sha1", payload, "base64");

/** A longer topic is remembered by its digest: a client may use topics of 65,535 bytes. */
const MAX_REMEMBERED_TOPIC_LENGTH = 128;

const shortenTopic = (topic: string): string =>
  topic.length <= MAX_REMEMBERED_TOPIC_LENGTH ? topic : hash("sha1", topic, "base64");

const isSame = (message: TrackedMessage, topic: string, payload: Uint8Array): boolean =>
  (message.topic === topic || message.topic === shortenTopic(topic)) &&
  (message.digest === undefined
    ? Buffer.compare(message.payload, payload) === 0
    : message.digest === digestOf(payload));

/** A message of this relay, or one that an earlier relay handed over. */
export type TrackedMessage = Omit<HeldMessage, "session" | "heldSinceMs">;

interface Acknowledged {
  readonly messageId: number;
  readonly message: TrackedMessage;
}

/**
 * All sessions together have at most about this many messages that are done and whose PUBACK waits for that of an earlier message. None of
 * them can be forgotten, so a session that has more than its share reads no further.
 */
const MAX_WAITING_OF_ALL = 32_000;
const MIN_WAITING = 256;

/** Bounds the number of messages that all sessions of a relay remember together. */
export class AcknowledgedMemory {
  readonly #trackers = new Set<RedeliveryTracker>();
  #count = 0;

  /** Used by {@link RedeliveryTracker}. Whether a session in which this many messages wait has more than its share. */
  exceedsShare(waiting: number): boolean {
    if (waiting <= MIN_WAITING) return false;
    const sessions = [...this.#trackers].filter((tracker) => tracker.waiting > 0).length;
    return waiting > Math.floor(MAX_WAITING_OF_ALL / sessions);
  }

  /** Used by {@link RedeliveryTracker}. */
  register(tracker: RedeliveryTracker): void {
    this.#trackers.add(tracker);
  }

  /** Used by {@link RedeliveryTracker}, when the number of messages that it remembers has changed. */
  change(difference: number): void {
    this.#count += difference;
    const most = Math.max(MAX_REMEMBERED_BY_ALL, 2 * MIN_REMEMBERED * this.#trackers.size);
    if (difference <= 0 || this.#count <= most) return;
    const sessions = [...this.#trackers].filter(({ remembered }) => remembered > 0).length;
    const share = Math.max(MIN_REMEMBERED, Math.floor(most / 2 / sessions));
    for (const tracker of this.#trackers) tracker.forgetAllBut(share);
  }
}

/** Identifies a message whose payload is not in memory. */
const createRecord = (
  { id, topic, digest, arrivedAtMs }: Pick<TrackedMessage, "id" | "topic" | "digest" | "arrivedAtMs">,
  isDone: boolean,
): TrackedMessage => ({
  id,
  topic: shortenTopic(topic),
  payload: EMPTY,
  digest,
  bytes: 0,
  arrivedAtMs,
  replyTo: undefined,
  acknowledge: DO_NOTHING,
  isDone,
});

export class RedeliveryTracker {
  /** Messages of the current connection by packet identifier. */
  #current = new Map<number, TrackedMessage>();
  /** Messages of earlier connections that the broker may deliver again. */
  #previous: Map<number, TrackedMessage>;
  /** The packet identifiers of the messages that {@link waiting} counts. */
  readonly #waiting = new Set<number>();
  /** The oldest first. */
  readonly #acknowledged: Acknowledged[] = [];
  readonly #memory: AcknowledgedMemory;

  /**
   * @param entries The messages that the previous relay left unacknowledged.
   * @param memory Shared by all sessions of a relay.
   */
  constructor(entries: readonly HandoverEntry[] = [], memory = new AcknowledgedMemory()) {
    this.#memory = memory;
    memory.register(this);
    this.#previous = new Map(entries.map(({ messageId, ...identity }) => [messageId, createRecord(identity, false)]));
  }

  /** Number of messages of the current connection that are done, and whose PUBACK waits for that of an earlier message. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Number of acknowledged messages of the current connection that are remembered. */
  get remembered(): number {
    return this.#acknowledged.length;
  }

  /**
   * Returns the messages that the broker may deliver again, for the handover file. They include messages that the Worker
   * has stored: their PUBACK may still wait for an earlier message.
   */
  toHandover(): HandoverEntry[] {
    return [...this.#previous, ...this.#current].map(([messageId, message]) => {
      const { id, topic, payload, digest = digestOf(payload), arrivedAtMs } = message;
      return { messageId, id, topic: shortenTopic(topic), digest, arrivedAtMs };
    });
  }

  /** Call on CONNACK. Without a session at the broker there are no redeliveries. */
  startConnection(isSessionPresent: boolean): void {
    this.#previous = isSessionPresent ? new Map([...this.#previous, ...this.#current]) : new Map();
    this.#current = new Map();
    this.#waiting.clear();
    this.#memory.change(-this.#acknowledged.length);
    this.#acknowledged.length = 0;
  }

  /** True while more messages wait for the PUBACK of an earlier one than the session's share of the memory allows. */
  get isFull(): boolean {
    return this.#memory.exceedsShare(this.waiting);
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

  /** Call when the Worker has accounted for the message. Replaces the payload with its digest. */
  markDone(messageId: number, message: TrackedMessage): void {
    message.digest ??= digestOf(message.payload);
    message.payload = EMPTY;
    // Otherwise the message is from an earlier connection and not delivered again yet.
    if (this.#current.get(messageId) !== message) return;
    // The message itself also refers to its packet and connection.
    this.#current.set(messageId, createRecord(message, true));
    this.#waiting.add(messageId);
  }

  /**
   * Call when the PUBACKs with these packet identifiers are written. Only now may their messages be forgotten: the broker delivers
   * again what it got no PUBACK for.
   */
  markAcknowledged(messageIds: readonly number[]): void {
    for (const messageId of messageIds) {
      if (!this.#waiting.delete(messageId)) continue;
      const message = this.#current.get(messageId);
      if (message === undefined) continue;
      this.#acknowledged.push({ messageId, message });
      this.#memory.change(1);
    }
    // Removed in slices: removing one item from the front of an array copies the array.
    if (this.#acknowledged.length >= MAX_REMEMBERED * 2) this.forgetAllBut(MAX_REMEMBERED);
  }

  /** Forgets the oldest acknowledged messages. */
  forgetAllBut(count: number): void {
    const forgotten = this.#acknowledged.splice(0, Math.max(0, this.#acknowledged.length - count));
    this.#memory.change(-forgotten.length);
    for (const { messageId, message } of forgotten) {
      if (this.#current.get(messageId) === message) this.#current.delete(messageId);
    }
  }
}
