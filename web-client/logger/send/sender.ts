/**
 * Sends events from the outbox: makes batches when they are due, and sends each one until a receipt accounts for its
 * events.
 */
import { newId } from "../event/new-id.ts";
import { utf8Length } from "../event/utf8-length.ts";
import { openEvents, type QueuedEvent } from "../outbox/chunk.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { monotonicNow, startTimer, stopTimer, type Timer } from "../platform.ts";
import type { Tuning } from "../tuning.ts";
import { backoffMs } from "./backoff.ts";
import type { Link, SendResult, TransportKind } from "./link.ts";
import { toOutcomes, type Rejection } from "./read-receipt.ts";

/** Bytes of a batch in addition to its events and its head. */
const MAX_ENVELOPE_BYTES = 1_024;

export interface SenderOptions {
  readonly encode: (id: string, events: readonly QueuedEvent[]) => string;
  readonly outbox: Outbox;
  readonly tuning: Tuning;
  /** `duplicates` is the number of these events that were stored before. */
  readonly onAccepted: (events: readonly QueuedEvent[], duplicates: number) => void;
  readonly onRejected: (rejected: readonly Rejection[]) => void;
  readonly onTooLarge: (events: readonly QueuedEvent[]) => void;
  /** Called after each attempt, for the status. */
  readonly onResult: (result: SendResult, transport: TransportKind) => void;
}

/** The events of a batch. Its id stays the same when the batch is sent again. */
interface Batch {
  readonly id: string;
  readonly events: readonly QueuedEvent[];
}

export interface Sender {
  /** Sends the batches that are due, and schedules the next one. To be called when events were added. */
  sendDue(): void;
  /** Sends by this link from now on; `undefined` while there is none. */
  useLink(link: Link | undefined): void;
  /** Retries at once, e.g. because the network is back. */
  retryNow(): void;
  /** Sends all events without waiting for a full batch; `true` when none is left, `false` after `timeoutMs`. */
  flush(timeoutMs: number): Promise<boolean>;
  /** Takes over a request that was made elsewhere, with events that are in flight. */
  track(events: readonly QueuedEvent[], result: Promise<SendResult>): Promise<void>;
  /** Removes the events that a result accounts for; returns the events to send again. */
  settle(events: readonly QueuedEvent[], result: SendResult): readonly QueuedEvent[];
  /** Forgets all batches and the backoff, after the outbox was cleared. */
  forget(): void;
  stop(): void;
}

/** Creates a sender without a link. */
export const createSender = (options: SenderOptions): Sender => {
  const { encode, outbox, tuning, onAccepted, onRejected, onTooLarge, onResult } = options;
  /** Batches in flight whose next attempt is due: retries, and halves of batches that were too large. */
  let retries: readonly Batch[] = [];
  const flushes = new Set<(isDone: boolean) => void>();
  let attempts = 0;
  let link: Link | undefined;
  let failures = 0;
  let notBeforeMs = 0;
  let dueAtMs = Infinity;
  let isStopped = false;
  let timer: Timer | undefined;

  const settle = (events: readonly QueuedEvent[], result: SendResult): readonly QueuedEvent[] => {
    if (result.state === "rejected") {
      const rejection = { reason: result.reason, message: "The server rejected the whole request." };
      onRejected(outbox.remove(events).map((event) => ({ event, ...rejection })));
      return [];
    }
    const outcomes = result.state === "receipt" ? toOutcomes(events, result.receipt) : undefined;
    if (result.state !== "receipt" || !outcomes) return openEvents(events);
    onAccepted(outbox.remove(outcomes.accepted), result.receipt.duplicates);
    onRejected(outcomes.rejected.filter(({ event }) => outbox.remove([event]).length > 0));
    return openEvents(outcomes.unfinished);
  };

  /** After 413: sends two halves. A single event that is too large is dropped. */
  const split = (events: readonly QueuedEvent[]): void => {
    const middle = events.length >> 1;
    if (middle === 0) onTooLarge(outbox.remove(events));
    else {
      const halves = [events.slice(0, middle), events.slice(middle)];
      retries = [...retries, ...halves.map((half) => ({ id: newId(), events: half }))];
    }
  };

  /** The batch without events that have an outcome by now, for example from a request on page hide. */
  const withoutSettled = (batch: Batch): Batch => {
    const events = openEvents(batch.events);
    return events.length < batch.events.length ? { id: newId(), events } : batch;
  };

  const retryDelayMs = (result: SendResult): number => {
    if (result.state === "denied" || result.state === "challenged") return tuning.deniedRetryMs;
    const afterMs = "afterMs" in result ? result.afterMs : undefined;
    if (afterMs === 0) return 0;
    const delayMs = backoffMs(failures - 1, tuning.retryBaseMs, tuning.maxRetryMs);
    if (afterMs === undefined) return delayMs;
    // With jitter, so that clients do not all return at the same time.
    return Math.max(delayMs, afterMs + backoffMs(0, tuning.retryBaseMs, tuning.retryBaseMs));
  };

  const awaitResult = async (batch: Batch, kind: TransportKind, attempt: Promise<SendResult>): Promise<void> => {
    attempts += 1;
    const result = await attempt;
    attempts -= 1;
    if (isStopped) return;
    onResult(result, kind);
    const open = settle(batch.events, result);
    if (open.length === 0) {
      failures = 0;
      notBeforeMs = 0;
    } else if (result.state === "too_large") split(open);
    else {
      retries = [...retries, batch];
      failures += 1;
      notBeforeMs = Math.max(notBeforeMs, monotonicNow() + retryDelayMs(result));
    }
    sendDue();
  };

  const hasEvents = (): boolean => outbox.waiting.length + outbox.inFlight > 0;

  /** Whether the next batch is sent without waiting for its age. */
  const isUrgent = (): boolean =>
    retries.length > 0 ||
    flushes.size > 0 ||
    outbox.waiting.length >= tuning.maxBatchEvents ||
    outbox.waitingBytes >= tuning.maxBatchBytes ||
    outbox.waiting.some(({ severity }) => severity === "error" || severity === "fatal");

  const takeBatch = (): Batch => {
    const headBytes = utf8Length(outbox.waiting[0]?._chunk._head ?? "") + MAX_ENVELOPE_BYTES;
    return { id: newId(), events: outbox.take(tuning.maxBatchEvents, tuning.maxBatchBytes - headBytes) };
  };

  const sendDue = (): void => {
    stopTimer(timer);
    if (!hasEvents()) for (const done of flushes) done(true);
    retries = retries.map(withoutSettled).filter(({ events }) => events.length > 0);
    // While sending fails, only one batch at a time is tried.
    while (!isStopped && link && attempts < (failures > 0 ? 1 : tuning.maxBatchesInFlight)) {
      const nowMs = monotonicNow();
      if (retries.length + outbox.waiting.length === 0) {
        dueAtMs = Infinity;
        return;
      }
      // The age of the oldest event counts, so that a page that logs continuously also sends.
      dueAtMs = Math.min(dueAtMs, nowMs + (link.kind === "mqtt" ? tuning.maxMqttAgeMs : tuning.maxAgeMs));
      const waitMs = Math.max(notBeforeMs, isUrgent() ? 0 : dueAtMs) - nowMs;
      if (waitMs > 0) {
        timer = startTimer(sendDue, waitMs);
        return;
      }
      dueAtMs = Infinity;
      const [batch = takeBatch()] = retries;
      retries = retries.slice(1);
      void awaitResult(batch, link.kind, link.send({ id: batch.id, body: encode(batch.id, batch.events) }));
    }
  };

  return {
    sendDue,
    settle,
    track: (events, result) => awaitResult({ id: newId(), events }, "http", result),
    useLink(next) {
      link = next;
      if (next) notBeforeMs = 0;
      sendDue();
    },
    retryNow() {
      notBeforeMs = 0;
      sendDue();
    },
    flush: (timeoutMs) =>
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
    forget() {
      retries = [];
      failures = 0;
      notBeforeMs = 0;
    },
    stop() {
      isStopped = true;
      stopTimer(timer);
    },
  };
};
