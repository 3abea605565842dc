/**
 * Exponential backoff with full jitter, in five lines because every byte of the core counts in a page.
 */

/** A random wait below `baseMs` × 2^`failures`, at most `maxMs`. */
export const backoffMs = (failures: number, baseMs: number, maxMs: number): number =>
  Math.random() * Math.min(maxMs, baseMs * 2 ** Math.min(failures, 30));
