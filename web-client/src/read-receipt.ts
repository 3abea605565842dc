/**
 * Reads receipts. One that doesn't add up says nothing: the batch is sent again, which does no harm.
 */
import type { Receipt, RejectedEvent } from "../../contract/receipt.ts";
import type { QueuedEvent } from "./outbox.ts";

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isPosition = (value: unknown): boolean => value === undefined || isCount(value);

/** Parses text that should be JSON; `undefined` where it is not. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** `value` as a receipt, or `undefined`. */
export const toReceipt = (value: unknown): Receipt | undefined => {
  if (!isRecord(value) || value["v"] !== 1 || !isCount(value["stored"]) || !isCount(value["duplicates"])) {
    return undefined;
  }
  const { rejected, unfinished = [] } = value;
  if (!Array.isArray(rejected) || !Array.isArray(unfinished) || !unfinished.every(isCount)) return undefined;
  if (!rejected.every((entry) => isRecord(entry) && isPosition(entry["index"]))) return undefined;
  return value as unknown as Receipt;
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

const toRefusal = (event: QueuedEvent, { reason, message }: RejectedEvent): Refusal => ({ event, reason, message });

/** Sorts the events of a batch by what its receipt says; `undefined` when the two don't fit. */
export const toFates = (events: readonly QueuedEvent[], receipt: Receipt): Fates | undefined => {
  const { stored, duplicates, rejected, unfinished = [] } = receipt;
  const [first] = rejected;
  if (first !== undefined && first.index === undefined) {
    if (stored + duplicates + unfinished.length > 0) return undefined;
    return { accepted: [], rejected: events.map((event) => toRefusal(event, first)), unfinished: [] };
  }
  const open = new Set(unfinished);
  const refused = new Map(rejected.map((violation) => [violation.index, violation]));
  const fates = { accepted: [] as QueuedEvent[], rejected: [] as Refusal[], unfinished: [] as QueuedEvent[] };
  for (const [i, event] of events.entries()) {
    const violation = refused.get(i);
    if (open.has(i)) fates.unfinished.push(event);
    else if (violation === undefined) fates.accepted.push(event);
    else fates.rejected.push(toRefusal(event, violation));
  }
  const fits =
    fates.accepted.length === stored + duplicates &&
    fates.rejected.length === rejected.length &&
    fates.unfinished.length === unfinished.length;
  return fits ? fates : undefined;
};
