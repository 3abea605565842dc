/**
 * Carries events from the outbox to the server: makes batches when they are due, sends each until a receipt accounts
 * for it, and settles them. The only place where events leave the outbox.
 */
import { backoffMs } from "./backoff.ts";
import type { Batch } from "./batch.ts";
import { dueInMs } from "./due-in-ms.ts";
import type { Delivery, Link, TransportKind } from "./link.ts";
import { createNap } from "./nap.ts";
import type { Outbox, QueuedEvent } from "./outbox.ts";
import { toFates } from "./read-receipt.ts";
import type { Tally } from "./tally.ts";
import type { Tuning } from "./tuning.ts";
import { utf8Length } from "./utf8-length.ts";

/** Ports of {@link createCourier}. */
export interface CourierOptions {
  readonly outbox: Outbox;
  readonly tally: Tally;
  readonly tuning: Tuning;
  readonly toBatch: (events: readonly QueuedEvent[]) => Batch;
  /** Events began or ended their way. */
  readonly onChange: () => void;
  /** What one attempt came to, for the status. */
  readonly onDelivery: (delivery: Delivery, transport: TransportKind) => void;
}

/** Started with the logger, stopped with it. */
export interface Courier {
  /** Something was added. */
  poke(): void;
  useLink(link: Link | undefined): void;
  /** The network is said to be back. */
  wake(): void;
  /** Sends what waits without waiting for more; `true` when nothing is left, `false` after `timeoutMs`. */
  flush(timeoutMs: number): Promise<boolean>;
  /** The batches on their way, and a way to settle one that went by another road. */
  readonly batches: ReadonlySet<Batch>;
  settle(batch: Batch, delivery: Delivery): readonly QueuedEvent[];
  stop(): void;
}

/** Creates a courier without a link. */
export const createCourier = ({ outbox, tally, tuning, toBatch, onChange, onDelivery }: CourierOptions): Courier => {
  const batches = new Set<Batch>();
  const nap = createNap();
  const linkWaiters = new Set<(link: Link | undefined) => void>();
  const flushWaiters = new Set<(isDone: boolean) => void>();
  let link: Link | undefined;
  let failures = 0;
  let isStopped = false;
  let isPoked = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const headBytes = utf8Length(toBatch([]).body);

  const checkFlush = (): void => {
    if (outbox.waiting + outbox.held === 0) for (const done of flushWaiters) done(true);
  };

  const linkReady = async (): Promise<Link | undefined> =>
    isStopped || link !== undefined ? link : new Promise((resolve) => linkWaiters.add(resolve));

  /** Removes what is accounted for; returns the events that have to be sent again. */
  const settle = (batch: Batch, delivery: Delivery): readonly QueuedEvent[] => {
    if (delivery.state === "refused") {
      const refusal = { reason: delivery.reason, message: "The request was refused as a whole." };
      tally.reject(outbox.remove(batch.events).map((event) => ({ event, ...refusal })));
      return [];
    }
    const fates = delivery.state === "receipt" ? toFates(batch.events, delivery.receipt) : undefined;
    if (delivery.state !== "receipt" || fates === undefined) return batch.events;
    const accepted = outbox.remove(fates.accepted);
    const rejected = fates.rejected.filter(({ event }) => outbox.remove([event]).length > 0);
    tally.accept(
      accepted.length,
      delivery.receipt.duplicates,
      accepted.map(({ id }) => id),
    );
    tally.reject(rejected);
    checkFlush();
    return fates.unfinished;
  };

  /** After 413: two halves; an event that is too large alone is given up. */
  const split = (events: readonly QueuedEvent[]): void => {
    if (events.length === 1) {
      tally.drop("too_large", outbox.remove(events));
      return;
    }
    const middle = Math.ceil(events.length / 2);
    for (const half of [events.slice(0, middle), events.slice(middle)]) void carry(toBatch(half));
  };

  const carry = async (first: Batch): Promise<void> => {
    let batch = first;
    for (let attempt = 0; !isStopped; attempt += 1) {
      batches.add(batch);
      const current = await linkReady();
      if (current === undefined) break;
      const delivery = await current.send(batch);
      onDelivery(delivery, current.kind);
      if (delivery.state === "too_large") {
        batches.delete(batch);
        split(batch.events);
        break;
      }
      const open = settle(batch, delivery);
      if (open.length === 0) {
        failures = 0;
        break;
      }
      if (open.length < batch.events.length) {
        batches.delete(batch);
        batch = toBatch(open);
        batches.add(batch);
      }
      failures += 1;
      const named = "afterMs" in delivery ? delivery.afterMs : undefined;
      const backoff = backoffMs(attempt, tuning.retryBaseMs, tuning.maxRetryMs);
      // Jitter on top of a named time, so that not all clients come back in the same instant; 0 means at once.
      const jitterMs =
        named === 0 ? 0 : named === undefined ? backoff : backoffMs(0, tuning.retryBaseMs, tuning.retryBaseMs);
      await nap.sleep(delivery.state === "denied" ? tuning.deniedRetryMs : (named ?? 0) + jitterMs);
    }
    batches.delete(batch);
    checkFlush();
    pump();
  };

  const pump = (): void => {
    clearTimeout(timer);
    timer = undefined;
    while (!isStopped && link !== undefined) {
      // While sending fails, one batch at a time finds out when it works again.
      if (batches.size >= (failures > 0 ? 1 : tuning.maxBatchesInFlight)) return;
      const dueMs = flushWaiters.size > 0 && outbox.waiting > 0 ? 0 : dueInMs(outbox, tuning, Date.now());
      if (dueMs === undefined) return;
      if (dueMs > 0) {
        timer = setTimeout(pump, dueMs);
        return;
      }
      const events = outbox.take(tuning.maxBatchEvents, tuning.maxBatchBytes - headBytes);
      // An event that is larger than a batch should be travels alone.
      void carry(toBatch(events.length > 0 ? events : outbox.take(1, Number.POSITIVE_INFINITY)));
      onChange();
    }
  };

  return {
    poke() {
      // Not inside `log()`: what is logged in one task travels together, and the caller never pays for sending.
      if (isPoked || (timer !== undefined && dueInMs(outbox, tuning, Date.now()) !== 0)) return;
      isPoked = true;
      queueMicrotask(() => {
        isPoked = false;
        pump();
      });
    },
    useLink(next) {
      link = next;
      if (next === undefined) return;
      for (const resolve of linkWaiters) resolve(next);
      linkWaiters.clear();
      nap.wake();
      pump();
    },
    wake: nap.wake,
    flush: (timeoutMs) =>
      new Promise((resolve) => {
        const done = (isDone: boolean): void => {
          clearTimeout(limit);
          flushWaiters.delete(done);
          resolve(isDone);
        };
        const limit = setTimeout(() => done(outbox.waiting + outbox.held === 0), timeoutMs);
        flushWaiters.add(done);
        checkFlush();
        pump();
      }),
    batches,
    settle,
    stop() {
      isStopped = true;
      clearTimeout(timer);
      nap.stop();
      for (const resolve of linkWaiters) resolve(undefined);
      linkWaiters.clear();
    },
  };
};
