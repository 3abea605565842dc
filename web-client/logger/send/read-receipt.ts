/**
 * Checks receipts. An event leaves the outbox because of a receipt, so a receipt that is inconsistent is ignored.
 */
import type { Receipt, RejectedEvent } from "#contract/wire/receipt-types.ts";
import type { QueuedEvent } from "../outbox/chunk.ts";

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

/** The optional `index` of a rejected event. -1 for an entry that is not an object. */
const indexOf = (entry: RejectedEvent | null): unknown => (entry ? (entry.index ?? 0) : -1);

/** `value` if it is a receipt, else `undefined`. */
export const toReceipt = (value: unknown): Receipt | undefined => {
  const { v, stored, duplicates, rejected, unfinished = [] } = (value ?? {}) as Partial<Receipt>;
  return v === 1 &&
    isCount(stored) &&
    isCount(duplicates) &&
    Array.isArray(rejected) &&
    Array.isArray(unfinished) &&
    [...unfinished, ...rejected.map(indexOf)].every(isCount)
    ? (value as Receipt)
    : undefined;
};

/** A rejected event. */
export interface Rejection {
  readonly event: QueuedEvent;
  readonly reason: string;
  readonly message: string;
}

/** The events of a batch by their outcomes. */
export interface Outcomes {
  /** Stored, or duplicates of stored events. */
  readonly accepted: readonly QueuedEvent[];
  readonly rejected: readonly Rejection[];
  /** To be sent again. */
  readonly unfinished: readonly QueuedEvent[];
}

/** Sorts the events of a batch by the outcomes in its receipt; `undefined` if the receipt does not match the batch. */
export const toOutcomes = (events: readonly QueuedEvent[], receipt: Receipt): Outcomes | undefined => {
  const { stored, duplicates, rejected: violations, unfinished: open = [] } = receipt;
  // A violation without an index concerns the whole payload.
  const whole = violations.find(({ index }) => index === undefined);
  const accepted: QueuedEvent[] = [];
  const rejected: Rejection[] = [];
  const unfinished: QueuedEvent[] = [];
  for (const [i, event] of events.entries()) {
    const violation = whole ?? violations.find(({ index }) => index === i);
    if (open.includes(i)) unfinished.push(event);
    else if (violation) rejected.push({ event, reason: violation.reason, message: violation.message });
    else accepted.push(event);
  }
  const matches =
    accepted.length === stored + duplicates &&
    unfinished.length === open.length &&
    (whole || rejected.length === violations.length);
  return matches ? { accepted, rejected, unfinished } : undefined;
};
