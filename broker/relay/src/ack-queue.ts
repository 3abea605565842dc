/**
 * Puts acknowledgements into the order of arrival: PUBACKs go out in the order in which the PUBLISHes came
 * [MQTT-4.6.0-2], while the Worker may finish batches in any order.
 *
 *   const a = ledger.add(1), b = ledger.add(2);
 *   ledger.complete(b); // []
 *   ledger.complete(a); // [1, 2]
 */
export interface LedgerEntry {
  readonly messageId: number;
  isComplete: boolean;
}

export class AckLedger {
  /** Entries in the order of arrival; those before `#head` are gone. Shifting an array of thousands would copy it. */
  #entries: LedgerEntry[] = [];
  #head = 0;

  get size(): number {
    return this.#entries.length - this.#head;
  }

  add(messageId: number): LedgerEntry {
    const entry = { messageId, isComplete: false };
    this.#entries.push(entry);
    return entry;
  }

  /** Message ids that may be acknowledged now, in order. */
  complete(entry: LedgerEntry): readonly number[] {
    entry.isComplete = true;
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
