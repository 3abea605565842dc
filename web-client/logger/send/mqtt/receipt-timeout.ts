/**
 * How long to wait for a receipt over MQTT before the batch is sent again. While OpenSearch is unavailable each retry
 * only adds to the broker's backlog, so the timeout doubles; the first receipt resets it. Outlives a connection.
 */
export interface ReceiptTimeout {
  readonly ms: number;
  /** A batch had no receipt after `waitedMs`. Batches that waited equally long count once. */
  expired(waitedMs: number): void;
  reset(): void;
}

/** Starts with `baseMs`, and never exceeds `maxMs`. */
export const createReceiptTimeout = (baseMs: number, maxMs: number): ReceiptTimeout => {
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
