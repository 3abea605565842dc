/**
 * Counts what became of events and tells listeners. No event leaves without being counted here.
 */
import { createEmitter, type Listener } from "./emitter.ts";
import type { DropReason, LoggerCounts, Settlement } from "./logger.ts";
import type { Refusal } from "./read-receipt.ts";

/** An event, as far as its end is concerned. */
type Named = { readonly id: string };

/** The book. */
export interface Tally {
  totals(): Omit<LoggerCounts, "queued" | "inFlight">;
  readonly onSettled: (listener: Listener<readonly Settlement[]>) => () => void;
  accept(events: readonly Named[], duplicates: number): void;
  reject(rejected: readonly Refusal[]): void;
  drop(reason: DropReason, events: readonly Named[]): void;
  /** What was dropped since the last call, as attributes of a log. */
  unreported(): Record<string, number> | undefined;
}

/** Starts at nought; `onChange` is called after each entry. */
export const createTally = (onChange: () => void): Tally => {
  const settled = createEmitter<readonly Settlement[]>();
  const dropped: Record<DropReason, number> = {
    queue_full: 0,
    expired: 0,
    too_large: 0,
    unserializable: 0,
    before_send: 0,
    sampled: 0,
    consent: 0,
    closed: 0,
  };
  const reported: Record<string, number> = { before_send: Infinity, sampled: Infinity, consent: Infinity };
  let stored = 0;
  let duplicates = 0;
  let rejected = 0;
  const enter = (settlements: readonly Settlement[]): void => {
    if (!settlements[0]) return;
    settled.emit(settlements);
    onChange();
  };
  return {
    totals: () => ({ stored, duplicates, rejected, dropped: { ...dropped } }),
    onSettled: settled.on,
    accept(events, known) {
      const before = Math.min(known, events.length);
      duplicates += before;
      stored += events.length - before;
      enter(events.map(({ id }) => ({ id, state: "stored" })));
    },
    reject(list) {
      rejected += list.length;
      enter(list.map(({ event: { id }, reason, message }) => ({ id, state: "rejected", reason, message })));
    },
    drop(reason, events) {
      dropped[reason] += events.length;
      enter(events.map(({ id }) => ({ id, state: "dropped", reason })));
    },
    unreported() {
      const news: Record<string, number> = {};
      for (const [reason, count] of Object.entries(dropped)) {
        const before = reported[reason] ?? 0;
        if (count > before) {
          news[`edgelog.dropped.${reason}`] = count - before;
          reported[reason] = count;
        }
      }
      return Object.keys(news)[0] ? news : undefined;
    },
  };
};
