/**
 * Replaces stamps that are ahead of the clock. They are from a time when the clock of the relay was wrong. The Worker refuses
 * such stamps, so no event is stored under one, and a new stamp cannot store an event twice. Exception: a Worker with the same wrong
 * clock, on the same machine, has accepted them; see docs/guarantees.md.
 */
import { MAX_RELAY_CLOCK_SKEW_MS } from "#contract/wire/limits.ts";
import { createStamp } from "./create-stamp.ts";
import type { HeldMessage } from "./held-message.ts";

/** Gives a new stamp to each message whose stamp the Worker would refuse. */
export const restampAhead = (messages: readonly HeldMessage[], nowMs: number): void => {
  for (const message of messages) {
    if (message.arrivedAtMs <= nowMs + MAX_RELAY_CLOCK_SKEW_MS) continue;
    message.id = createStamp(nowMs);
    message.arrivedAtMs = nowMs;
  }
};
