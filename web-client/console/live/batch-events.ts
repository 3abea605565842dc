/** Limits how often events are passed to the page: the first ones at once, later ones together at most every 50 ms. */
import type { TailEvent } from "./tail-event.ts";

const INTERVAL_MS = 50;

/** Returns the function to call with events. `onBatch` is not called after `signal` aborts. */
export const batchEvents = (
  onBatch: (events: readonly TailEvent[]) => void,
  signal: AbortSignal,
): ((events: readonly TailEvent[]) => void) => {
  let pending: TailEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    timer = undefined;
    if (pending.length === 0 || signal.aborted) return;
    const events = pending;
    pending = [];
    timer = setTimeout(flush, INTERVAL_MS);
    onBatch(events);
  };
  return (events) => {
    pending.push(...events);
    if (timer === undefined) flush();
  };
};
