/**
 * Releases PUBACKs in the order in which the PUBLISH packets arrived [MQTT-4.6.0-2], while the Worker may finish batches
 * in any order.
 *
 * @example
 *   const a = queue.add(1), b = queue.add(2);
 *   queue.complete(b); // []
 *   queue.complete(a); // [1, 2]
 */
export interface AckEntry {
  /** MQTT packet identifier. */
  readonly messageId: number;
  isComplete: boolean;
}

const NONE: readonly number[] = [];

export class AckQueue {
  /** Entries in the order of arrival. Those before `#head` are already released: shifting a long array would copy it. */
  #entries: AckEntry[] = [];
  #head = 0;

  /** Entries that are not released yet. */
  get size(): number {
    return this.#entries.length - this.#head;
  }

  add(messageId: number): AckEntry {
    const entry = { messageId, isComplete: false };
    this.#entries.push(entry);
    return entry;
  }

  /** Marks an entry complete. Returns the packet identifiers that can be acknowledged now, in order. */
  complete(entry: AckEntry): readonly number[] {
    entry.isComplete = true;
    if (this.#entries[this.#head] !== entry) return NONE;
    const ready: number[] = [];
    for (let next = this.#entries[this.#head]; next?.isComplete === true; next = this.#entries[this.#head]) {
      ready.push(next.messageId);
      this.#head += 1;
    }
    if (this.#head > 1_024 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return ready;
  }
}
