/**
 * Limits how often a repeated log line is written, by key.
 *
 * @example
 *   const repeated = filter.next("shop unavailable", 1);
 *   if (repeated !== undefined) logger.warn({ repeated }, "sending a batch failed");
 */
const INTERVAL_MS = 10_000;
const MAX_KEYS = 5_000;

export class RepeatFilter {
  readonly #entries = new Map<string, { writtenAtMs: number; count: number }>();

  /**
   * Returns the sum of `count` since the last line with this key, including this call, or `undefined` if the last line was
   * written less than 10 s ago.
   */
  next(key: string, count: number): number | undefined {
    const nowMs = performance.now();
    const entry = this.#entries.get(key) ?? { writtenAtMs: Number.NEGATIVE_INFINITY, count: 0 };
    entry.count += count;
    if (this.#entries.size >= MAX_KEYS) this.#entries.clear();
    this.#entries.set(key, entry);
    if (nowMs - entry.writtenAtMs < INTERVAL_MS) return undefined;
    const total = entry.count;
    entry.writtenAtMs = nowMs;
    entry.count = 0;
    return total;
  }
}
