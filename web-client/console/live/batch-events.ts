/**
 * Hands events on at once when it is quiet, and together when they come thick and fast: a page draws so many times a second.
 */
import type { TailEvent } from "./tail-event.ts";

const EVERY_MS = 50;

/** Returns what takes the events. After `signal` aborts, what is held is forgotten. */
export const batchEvents = (
  give: (events: readonly TailEvent[]) => void,
  signal: AbortSignal,
): ((events: readonly TailEvent[]) => void) => {
  let held: TailEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    timer = undefined;
    if (held.length === 0 || signal.aborted) return;
    const events = held;
    held = [];
    timer = setTimeout(flush, EVERY_MS);
    give(events);
  };
  return (events) => {
    held.push(...events);
    if (timer === undefined) flush();
  };
};
