/**
 * Status and counts of a logger, and the listeners that are notified of changes.
 */
import type { DropReason, LoggerCounts, LoggerStatus } from "./logger.ts";
import { defer } from "./platform.ts";

export type NotificationKind = "status" | "counts" | "settled";

/** Created by the core, also written by the delivery module. */
export interface LoggerState {
  _status: LoggerStatus;
  readonly _totals: {
    -readonly [Name in Exclude<keyof LoggerCounts, "queued" | "inFlight">]: LoggerCounts[Name];
  };
  _counts(): LoggerCounts;
  /** Counts `count` events as dropped, 1 by default. Does nothing for 0, so that `dropped` has only reasons of events. */
  _drop(reason: DropReason, count?: number): void;
  /** Calls the listeners after the current task's code. Without a value: with the counts. */
  _notify(kind: NotificationKind, value?: unknown): void;
  /** Returns a function that subscribes a listener. Calling it returns the function that ends the subscription. */
  _on(kind: NotificationKind): (listener: (value: never) => void) => () => void;
}

/** `countOpen` returns the number of events that have no outcome yet. */
export const createState = (countOpen: () => Pick<LoggerCounts, "queued" | "inFlight">): LoggerState => {
  const listeners = new Set<readonly [NotificationKind, (value: never) => void]>();
  const totals: LoggerState["_totals"] = { stored: 0, duplicates: 0, rejected: 0, dropped: {} };
  const state: LoggerState = {
    _status: { state: "idle", transport: "http" },
    _totals: totals,
    _counts: () => ({ ...countOpen(), ...totals }),
    _drop(reason, count = 1) {
      if (count) {
        totals.dropped = { ...totals.dropped, [reason]: (totals.dropped[reason] ?? 0) + count };
        state._notify("counts");
      }
    },
    _notify(kind, value) {
      for (const [wanted, listener] of listeners) {
        if (wanted === kind) defer(() => listener((value ?? state._counts()) as never));
      }
    },
    _on: (kind) => (listener) => {
      const entry = [kind, listener] as const;
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
  };
  return state;
};
