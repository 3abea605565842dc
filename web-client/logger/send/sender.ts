/**
 * Sends events from the outbox: makes batches when they are due, and sends each one until a receipt accounts for its
 * events.
 */
import { openEvents, type QueuedEvent } from "../outbox/chunk.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { monotonicNow, startTimer, stopTimer, type Timer } from "../platform.ts";
import type { Tuning } from "../tuning.ts";
import { createFailedBatches, newBatch, type Batch } from "./failed-batches.ts";
import type { Link, SendResult, TransportKind } from "./link.ts";
import { toOutcomes, type Rejection } from "./read-receipt.ts";

/** Bytes of a batch in addition to its events and its head. */
const MAX_ENVELOPE_BYTES = 1_024;

export interface SenderOptions {
  readonly _encode: (id: string, events: readonly QueuedEvent[]) => string;
  readonly _outbox: Outbox;
  readonly _tuning: Tuning;
  /** `duplicates` is the number of these events that were stored before. */
  readonly _onAccepted: (events: readonly QueuedEvent[], duplicates: number) => void;
  readonly _onRejected: (rejected: readonly Rejection[]) => void;
  readonly _onTooLarge: (events: readonly QueuedEvent[]) => void;
  /** Called after each attempt, for the status. */
  readonly _onResult: (result: SendResult, transport: TransportKind) => void;
}

export interface Sender {
  /** Sends the batches that are due, and schedules the next one. To be called when events were added. */
  _sendDue(): void;
  /** Sends by this link from now on; `undefined` while there is none. */
  _useLink(link: Link | undefined): void;
  /** Retries at once, e.g. because the network is back. */
  _retryNow(): void;
  /** Sends all events without waiting for a full batch; `true` when none is left, `false` after `timeoutMs`. */
  _flush(timeoutMs: number): Promise<boolean>;
  /** Takes over a request that was made elsewhere, with events that are in flight. */
  _track(events: readonly QueuedEvent[], result: Promise<SendResult>): Promise<void>;
  /** Removes the events that a result accounts for; returns the events to send again. */
  _settle(events: readonly QueuedEvent[], result: SendResult): readonly QueuedEvent[];
  /** Forgets all batches and the backoff, after the outbox was cleared. */
  _forget(): void;
  _stop(): void;
}

/** Creates a sender without a link. */
export const createSender = (options: SenderOptions): Sender => {
  const { _encode: encode, _outbox: outbox, _tuning: tuning } = options;
  /** Also has halves of batches that were too large. */
  const failed = createFailedBatches(tuning);
  const flushes = new Set<(isDone: boolean) => void>();
  let attempts = 0;
  let link: Link | undefined;
  let dueAtMs = Infinity;
  let isStopped = false;
  let timer: Timer | undefined;

  const settle = (events: readonly QueuedEvent[], result: SendResult): readonly QueuedEvent[] => {
    if (result.state === "rejected") {
      const rejection = { reason: result.reason, message: "The server rejected the whole request." };
      options._onRejected(outbox._remove(events).map((event) => ({ event, ...rejection })));
      return [];
    }
    const outcomes = result.state === "receipt" ? toOutcomes(events, result.receipt) : undefined;
    if (result.state !== "receipt" || !outcomes) return openEvents(events);
    options._onAccepted(outbox._remove(outcomes.accepted), result.receipt.duplicates);
    options._onRejected(outcomes.rejected.filter(({ event }) => outbox._remove([event]).length > 0));
    return openEvents(outcomes.unfinished);
  };

  const awaitResult = async (batch: Batch, kind: TransportKind, attempt: Promise<SendResult>): Promise<void> => {
    attempts += 1;
    const result = await attempt;
    attempts -= 1;
    if (isStopped) return;
    options._onResult(result, kind);
    const open = settle(batch._events, result);
    if (open.length === 0) failed._succeed(batch);
    else if (!failed._fail(batch, result)) options._onTooLarge(outbox._remove(open));
    sendDue();
  };

  const hasEvents = (): boolean => outbox._waiting + outbox._inFlight > 0;

  /** Whether the events that wait are sent without waiting for their age. */
  const isUrgent = (): boolean =>
    (flushes.size > 0 && outbox._waiting > 0) ||
    outbox._waiting >= tuning.maxBatchEvents ||
    outbox._waitingBytes >= tuning.maxBatchBytes ||
    outbox._hasErrors;

  const sendDue = (): void => {
    stopTimer(timer);
    if (!hasEvents()) for (const done of flushes) done(true);
    failed._removeSettled();
    // While sending fails, only one batch at a time is tried.
    while (!isStopped && link && attempts < (failed._isFailing ? 1 : tuning.maxBatchesInFlight)) {
      const nowMs = monotonicNow();
      // The age of the oldest event counts, so that a page that logs continuously also sends.
      dueAtMs = Math.min(dueAtMs, nowMs + (link.kind === "mqtt" ? tuning.maxMqttAgeMs : tuning.maxAgeMs));
      if (outbox._waiting === 0) dueAtMs = Infinity;
      const [next, atMs] = failed._next(nowMs, isUrgent() ? 0 : dueAtMs);
      if (atMs > nowMs) {
        if (atMs < Infinity) timer = startTimer(sendDue, atMs - nowMs);
        return;
      }
      failed._start(next);
      if (!next) dueAtMs = Infinity;
      const batch = next ?? newBatch(outbox._take(tuning.maxBatchEvents, tuning.maxBatchBytes - MAX_ENVELOPE_BYTES));
      void awaitResult(batch, link.kind, link.send({ id: batch._id, body: encode(batch._id, batch._events) }));
    }
  };

  return {
    _sendDue: sendDue,
    _settle: settle,
    _track: (events, result) => awaitResult(newBatch(events), "http", result),
    _useLink(next) {
      link = next;
      if (next) failed._retryNow();
      sendDue();
    },
    _retryNow() {
      failed._retryNow();
      sendDue();
    },
    _flush: (timeoutMs) =>
      new Promise((resolve) => {
        const done = (isDone: boolean): void => {
          stopTimer(limit);
          flushes.delete(done);
          resolve(isDone);
        };
        const limit = startTimer(() => done(!hasEvents()), timeoutMs);
        flushes.add(done);
        sendDue();
      }),
    _forget: failed._forget,
    _stop() {
      isStopped = true;
      stopTimer(timer);
    },
  };
};
