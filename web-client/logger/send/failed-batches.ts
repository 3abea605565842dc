/**
 * Batches that are to be sent again, and the times of the next attempts.
 *
 * One event can make its batch fail each time, for example because a firewall refuses its text, while the server accepts all
 * others. So failed batches and waiting events take turns while sending fails. A batch that fails although another one was accepted
 * after its last attempt is a suspect: it has its own backoff, which does not delay other batches, and it is split until the event is
 * alone. While nothing is accepted, there is one request for each backoff, as for a server that is unavailable, and few batches are split.
 */
import { newId } from "../event/new-id.ts";
import { openEvents, type QueuedEvent } from "../outbox/chunk.ts";
import { monotonicNow } from "../platform.ts";
import type { Tuning } from "../tuning.ts";
import { backoffMs } from "./backoff.ts";
import type { SendResult } from "./link.ts";

/** A batch is split when it has failed this often, and its halves at each further failure. */
const FAILURES_BEFORE_SPLIT = 3;
/** While nothing is accepted, batches are split up to this number of them: enough to get from 500 events to a few single ones. */
const MAX_UNCONFIRMED_BATCHES = 24;

/** A shorter event is sent again after a 413 of a server in front of the Worker: only a mistake in that server's configuration refuses it. */
const MAX_UNDISPUTED_BYTES = 65_536;

/** The events of a batch. */
export interface Batch {
  /** Stays the same when the same events are sent again. */
  _id: string;
  _events: readonly QueuedEvent[];
  /** Number of failures whose reason can be what the batch contains. */
  _failures: number;
  /** Number of batches that the server had accepted at the last failure. */
  _acceptedBefore: number;
  _isSuspect?: boolean;
}

interface Backoff {
  _failures: number;
  _notBeforeMs: number;
}

export interface FailedBatches {
  /** Whether no batch was accepted after the last failure, except failures of suspects. */
  readonly _isFailing: boolean;
  /** Removes events that have an outcome by now, for example from a request on page hide. */
  _removeSettled(): void;
  /**
   * The next batch, or `undefined` for the events that wait, and the time of its attempt: `Infinity` if there is nothing to send.
   * `waitingAtMs` is the time of the events that wait, `Infinity` if none wait.
   */
  _next(nowMs: number, waitingAtMs: number): readonly [batch: Batch | undefined, atMs: number];
  /** Takes the next batch. */
  _start(next: Batch | undefined): void;
  _succeed(batch: Batch): void;
  /** Keeps the events to be sent again. Returns `false` if that is one event, which is too large. */
  _fail(batch: Batch, result: SendResult): boolean;
  /** Ends the backoff. */
  _retryNow(): void;
  /** Forgets all batches and the backoff. */
  _forget(): void;
}

export const newBatch = (events: readonly QueuedEvent[]): Batch => ({
  _id: newId(),
  _events: events,
  _failures: 0,
  _acceptedBefore: Infinity,
});

const newBackoff = (): Backoff => ({ _failures: 0, _notBeforeMs: 0 });

export const createFailedBatches = (tuning: Tuning): FailedBatches => {
  /** In the order of their next attempts. */
  let batches: Batch[] = [];
  /** Number of batches that were accepted so far. */
  let accepted = 0;
  let server = newBackoff();
  let suspects = newBackoff();
  let isSuspectInFlight = false;
  /** Whether it is the turn of the waiting events. */
  let isWaitingNext = false;

  const delayMs = (result: SendResult, failures: number): number => {
    const { state } = result;
    // The first failure after an accepted batch is probably of this batch only, so the next one is tried soon.
    if ((state === "denied" || state === "challenged") && (failures > 1 || !accepted)) return tuning.deniedRetryMs;
    const afterMs = "afterMs" in result ? result.afterMs : undefined;
    if (afterMs === 0) return 0;
    const ownMs = backoffMs(failures - 1, tuning.retryBaseMs, tuning.maxRetryMs);
    if (afterMs === undefined) return ownMs;
    // With jitter, so that clients do not all return at the same time.
    return Math.max(ownMs, afterMs + backoffMs(0, tuning.retryBaseMs, tuning.retryBaseMs));
  };

  const split = (batch: Batch): boolean => {
    const { _events: events } = batch;
    const middle = events.length >> 1;
    if (middle > 0) {
      for (const half of [events.slice(0, middle), events.slice(middle)]) {
        batches.push({ ...batch, _id: newId(), _events: half });
      }
    }
    return middle > 0;
  };

  /** Whether to split a batch although the server may be unavailable: one batch after the other, the shortest first. */
  const isWorthATry = ({ _events: { length } }: Batch): boolean =>
    batches.length < MAX_UNCONFIRMED_BATCHES &&
    batches.every(({ _events: other }) => other.length === 1 || other.length >= length);

  return {
    get _isFailing() {
      return server._failures > 0;
    },
    _removeSettled() {
      batches = batches.filter((batch) => {
        const open = openEvents(batch._events);
        if (open.length < batch._events.length) batch._id = newId();
        batch._events = open;
        return open[0];
      });
    },
    _next(nowMs, waitingAtMs) {
      const [first] = batches;
      const others = batches.filter(({ _isSuspect }) => !_isSuspect);
      if (server._failures > 0 && first) {
        // The number of batches is limited, because the queue drops only events that wait.
        const takesWaiting = isWaitingNext && waitingAtMs < Infinity && others.length < tuning.maxBatchesInFlight;
        return [takesWaiting ? undefined : first, server._notBeforeMs];
      }
      const all = isSuspectInFlight ? [] : batches.filter(({ _isSuspect }) => _isSuspect);
      // First those that may have events which the server accepts.
      const suspect = all.find(({ _events }) => _events.length > 1) ?? all[0];
      const suspectAtMs = suspect ? suspects._notBeforeMs : Infinity;
      const atMs = Math.max(server._notBeforeMs, others[0] ? 0 : waitingAtMs);
      return suspectAtMs <= nowMs || suspectAtMs < atMs ? [suspect, suspectAtMs] : [others[0], atMs];
    },
    _start(next) {
      batches = batches.filter((batch) => batch !== next);
      isWaitingNext = !!next;
      isSuspectInFlight ||= !!next?._isSuspect;
    },
    _succeed(batch) {
      accepted += 1;
      server = newBackoff();
      if (batch._isSuspect) suspects = newBackoff();
      isSuspectInFlight &&= !batch._isSuspect;
    },
    _fail(batch, result) {
      const { state } = result;
      isSuspectInFlight &&= !batch._isSuspect;
      if (state === "too_large" || (state === "retry" && result.isTooLarge)) {
        if (split(batch)) return true;
        if (state === "too_large" || (batch._events[0]?._bytes ?? 0) > MAX_UNDISPUTED_BYTES) return false;
      }
      // A closed connection, or a server that is busy, concerns all batches.
      const isPossible = state === "retry" ? result.afterMs !== 0 && !result.isBusy : state !== "denied";
      const isConfirmed = isPossible && accepted > batch._acceptedBefore;
      batch._isSuspect ||= isConfirmed;
      batch._acceptedBefore = accepted;
      // The server has decided about each event of a receipt separately.
      if (isPossible && state !== "receipt") batch._failures += 1;
      const mustSplit = batch._failures >= FAILURES_BEFORE_SPLIT && (isConfirmed || isWorthATry(batch));
      if (!mustSplit || !split(batch)) batches.push(batch);
      else if (isConfirmed) return true;
      const backoff = batch._isSuspect && server._failures === 0 ? suspects : server;
      backoff._failures += 1;
      // Waiting events show soonest whether only this batch fails.
      if (server._failures === 1) isWaitingNext = true;
      backoff._notBeforeMs = Math.max(backoff._notBeforeMs, monotonicNow() + delayMs(result, backoff._failures));
      return true;
    },
    _retryNow() {
      server._notBeforeMs = suspects._notBeforeMs = 0;
    },
    _forget() {
      batches = [];
      server = newBackoff();
      suspects = newBackoff();
    },
  };
};
