/**
 * Queue of messages to send, oldest first. A batch is due when it is full or its oldest message has waited `lingerMs`.
 */
import type { HeldMessage } from "./held-message.ts";

export interface BatchLimits {
  /** Payload bytes of one batch. */
  readonly maxBytes: number;
  readonly maxMessages: number;
  /** How long a message waits for others before its batch is sent. */
  readonly lingerMs: number;
}

export class BatchQueue {
  readonly #limits: BatchLimits;
  #messages: HeldMessage[] = [];
  #bytes = 0;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#messages.length;
  }

  add(message: HeldMessage): void {
    this.#messages.push(message);
    this.#bytes += message.payload.byteLength;
  }

  /** Milliseconds until a batch is due: 0 if one is due now, `undefined` if the queue is empty. */
  dueInMs(nowMs: number): number | undefined {
    const [oldest] = this.#messages;
    if (oldest === undefined) return undefined;
    if (this.#bytes >= this.#limits.maxBytes || this.#messages.length >= this.#limits.maxMessages) return 0;
    return Math.max(0, oldest.arrivedAtMs + this.#limits.lingerMs - nowMs);
  }

  /** Removes and returns the next batch. A message larger than `maxBytes` is a batch alone. */
  take(): readonly HeldMessage[] {
    let bytes = 0;
    let count = 0;
    for (const { payload } of this.#messages) {
      if (count === this.#limits.maxMessages || (count > 0 && bytes + payload.byteLength > this.#limits.maxBytes))
        break;
      bytes += payload.byteLength;
      count += 1;
    }
    const batch = this.#messages.slice(0, count);
    this.#messages = this.#messages.slice(count);
    this.#bytes -= bytes;
    return batch;
  }
}
