/**
 * Counts what became of events and tells listeners. No event leaves without being counted here.
 */
import type { QueuedEvent } from "./outbox.ts";
import { createEmitter, type Listener } from "./emitter.ts";
import type { Refusal } from "./read-receipt.ts";

/** Why an event was given up without the server having seen it. */
export type DropReason = "queue_full" | "too_large" | "unserializable" | "closed";

/** The end of one event. */
export type Settlement =
  | { readonly id: string; readonly state: "stored" }
  | { readonly id: string; readonly state: "rejected"; readonly reason: string; readonly message: string }
  | { readonly id: string; readonly state: "dropped"; readonly reason: DropReason };

/** Totals since the logger was made. */
export interface Totals {
  readonly stored: number;
  /** Accounted for by a receipt, but an earlier delivery had stored them. */
  readonly duplicates: number;
  readonly rejected: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
}

/** The book that the courier writes. */
export interface Tally {
  readonly totals: Totals;
  readonly onSettled: (listener: Listener<readonly Settlement[]>) => () => void;
  accept(count: number, duplicates: number, ids: readonly string[]): void;
  reject(rejected: readonly Refusal[]): void;
  drop(reason: DropReason, events: readonly Pick<QueuedEvent, "id">[]): void;
}

/** Starts at nought; `onChange` is called after each entry. */
export const createTally = (onChange: () => void): Tally => {
  const settled = createEmitter<readonly Settlement[]>();
  let stored = 0;
  let duplicates = 0;
  let rejected = 0;
  const dropped: Record<DropReason, number> = { queue_full: 0, too_large: 0, unserializable: 0, closed: 0 };
  const enter = (settlements: readonly Settlement[]): void => {
    if (settlements.length === 0) return;
    settled.emit(settlements);
    onChange();
  };
  return {
    get totals() {
      return { stored, duplicates, rejected, dropped: { ...dropped } };
    },
    onSettled: settled.on,
    accept(count, known, ids) {
      const before = Math.min(known, count);
      duplicates += before;
      stored += count - before;
      enter(ids.map((id) => ({ id, state: "stored" })));
    },
    reject(list) {
      rejected += list.length;
      enter(list.map(({ event, reason, message }) => ({ id: event.id, state: "rejected", reason, message })));
    },
    drop(reason, events) {
      dropped[reason] += events.length;
      enter(events.map(({ id }) => ({ id, state: "dropped", reason })));
    },
  };
};
