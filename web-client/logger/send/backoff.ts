/**
 * Exponential backoff with full jitter.
 */

/** A random delay below `baseMs` × 2^`failures`, at most `maxMs`. */
export const backoffMs = (failures: number, baseMs: number, maxMs: number): number =>
  Math.random() * Math.min(maxMs, baseMs * 2 ** Math.min(failures, 30));
