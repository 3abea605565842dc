/**
 * The messages held in memory, in the order of arrival, with their number and size.
 */
import type { HeldMessage } from "./held-message.ts";

export class HeldMessages {
  readonly #messages = new Set<HeldMessage>();
  #bytes = 0;

  get count(): number {
    return this.#messages.size;
  }

  /** Size of the packets in bytes, with topics and properties. */
  get bytes(): number {
    return this.#bytes;
  }

  has(message: HeldMessage): boolean {
    return this.#messages.has(message);
  }

  add(message: HeldMessage): void {
    this.#messages.add(message);
    this.#bytes += message.bytes;
  }

  remove(message: HeldMessage): void {
    this.#messages.delete(message);
    this.#bytes -= message.bytes;
  }

  /** Age of the oldest message in milliseconds. 0 if no message is held. */
  oldestAgeMs(nowMs: number): number {
    const [oldest] = this.#messages;
    return oldest === undefined ? 0 : nowMs - oldest.arrivedAtMs;
  }
}
