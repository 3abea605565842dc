/**
 * How long to wait for a receipt over MQTT. While OpenSearch is away each resend would only grow the broker's backlog,
 * so the wait doubles; the first receipt shortens it again. Lives longer than one connection.
 */

/** A wait that grows when it was in vain. */
export interface Patience {
  readonly ms: number;
  /** A wait of `waitedMs` ended without a receipt. Batches that waited alike count once. */
  expired(waitedMs: number): void;
  reset(): void;
}

/** Starts with `baseMs`. */
export const createPatience = (baseMs: number, maxMs: number): Patience => {
  let current = baseMs;
  return {
    get ms() {
      return current;
    },
    expired(waitedMs) {
      if (waitedMs >= current) current = Math.min(maxMs, current * 2);
    },
    reset() {
      current = baseMs;
    },
  };
};
