/**
 * Receipts from outside: nothing is believed that does not add up, for an event leaves the outbox on their word.
 */
import type { Receipt, RejectedEvent } from "#contract/wire/receipt.ts";
import type { QueuedEvent } from "../outbox/chunk.ts";

/** `undefined` for what is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

/** `value` as a receipt, if it is one. */
export const toReceipt = (value: unknown): Receipt | undefined => {
  const { v, stored, duplicates, rejected, unfinished = [] } = (value ?? {}) as Partial<Receipt>;
  return v === 1 &&
    isCount(stored) &&
    isCount(duplicates) &&
    Array.isArray(rejected) &&
    Array.isArray(unfinished) &&
    [...unfinished, ...rejected.map((entry: RejectedEvent | null) => entry?.index ?? (entry ? 0 : -1))].every(isCount)
    ? (value as Receipt)
    : undefined;
};

/** An event and why it was not stored. */
export interface Refusal {
  readonly event: QueuedEvent;
  readonly reason: string;
  readonly message: string;
}

/** What a receipt says of the events of its batch. */
export interface Fates {
  readonly accepted: readonly QueuedEvent[];
  readonly rejected: readonly Refusal[];
  readonly unfinished: readonly QueuedEvent[];
}

/** Sorts the events of a batch by what its receipt says; `undefined` when the two don't fit. */
export const toFates = (events: readonly QueuedEvent[], receipt: Receipt): Fates | undefined => {
  const { stored, duplicates, rejected: violations, unfinished: open = [] } = receipt;
  // Without an index: the payload as a whole.
  const whole = violations.find(({ index }) => index === undefined);
  const accepted: QueuedEvent[] = [];
  const rejected: Refusal[] = [];
  const unfinished: QueuedEvent[] = [];
  for (const [i, event] of events.entries()) {
    const violation = whole ?? violations.find(({ index }) => index === i);
    if (open.includes(i)) unfinished.push(event);
    else if (violation) rejected.push({ event, reason: violation.reason, message: violation.message });
    else accepted.push(event);
  }
  const fits =
    accepted.length === stored + duplicates &&
    unfinished.length === open.length &&
    (whole || rejected.length === violations.length);
  return fits ? { accepted, rejected, unfinished } : undefined;
};
