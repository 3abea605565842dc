/**
 * `lru-cache` for topic aliases: at most `max` entries, and `keys` from the most to the least recently used.
 */
export class LRUCache<Key, Value> {
  #max: number;
  /** The most recently used entry is the last. */
  #entries = new Map<Key, Value>();

  constructor({ max }: { readonly max: number }) {
    this.#max = max;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: Key, value: Value): this {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#max && oldest !== undefined) this.#entries.delete(oldest);
    return this;
  }

  *keys(): Generator<Key> {
    yield* [...this.#entries.keys()].toReversed();
  }

  clear(): void {
    this.#entries.clear();
  }
}
