/**
 * Recognises messages that the broker delivers anew after a reconnect while they are still on their way here.
 *
 * Such a message keeps the stamp of its first arrival, so that events without an id of their own are not doubled by a
 * connection that broke. The broker sends them first, in their order, with their old packet identifiers and DUP set
 * [MQTT-4.4.0-1, MQTT-4.6.0-1].
 */
import type { HeldMessage } from "./held-message.ts";

export class Redeliveries {
  #current = new Map<number, HeldMessage>();
  #previous = new Map<number, HeldMessage>();

  /** A new connection: whatever was not acknowledged will come again. */
  startConnection(isSessionPresent: boolean): void {
    this.#previous = isSessionPresent ? new Map([...this.#previous, ...this.#current]) : new Map();
    this.#current = new Map();
  }

  /** The message that this delivery repeats. A first delivery (no DUP) means that the repeated ones are through. */
  find(messageId: number, isDup: boolean, topic: string, payload: Uint8Array): HeldMessage | undefined {
    if (!isDup) {
      if (this.#previous.size > 0) this.#previous = new Map();
      return undefined;
    }
    const message = this.#previous.get(messageId);
    this.#previous.delete(messageId);
    return message?.topic === topic && Buffer.compare(message.payload, payload) === 0 ? message : undefined;
  }

  track(messageId: number, message: HeldMessage): void {
    this.#current.set(messageId, message);
  }

  forget(messageId: number, message: HeldMessage): void {
    if (this.#current.get(messageId) === message) this.#current.delete(messageId);
  }
}
