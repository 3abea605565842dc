/**
 * When the next batch is due. Pure.
 */
import type { Outbox } from "./outbox.ts";
import type { Tuning } from "./tuning.ts";

/** Milliseconds until something has to be sent; `undefined` when nothing waits. */
export const dueInMs = (outbox: Outbox, tuning: Tuning, nowMs: number): number | undefined => {
  const { oldestAtMs } = outbox;
  if (oldestAtMs === undefined) return undefined;
  if (outbox.isUrgent) return 0;
  if (outbox.waiting >= tuning.maxBatchEvents || outbox.waitingBytes >= tuning.maxBatchBytes) return 0;
  // A clock set back must not make an event wait longer than the age allows.
  return Math.max(0, Math.min(tuning.maxAgeMs, oldestAtMs + tuning.maxAgeMs - nowMs));
};
