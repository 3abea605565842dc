/**
 * Carries events from the outbox to the server: makes batches when they are due, sends each until a receipt accounts
 * for it, and settles them.
 */
import { backoffMs } from "./backoff.ts";
import type { QueuedEvent } from "../outbox/chunk.ts";
import type { Delivery, Link, TransportKind } from "./link.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { newId } from "../event/new-id.ts";
import { toFates, type Refusal } from "./read-receipt.ts";
import type { Tuning } from "../tuning.ts";
import { utf8Length } from "../event/utf8-length.ts";

/** A batch without its events and its head as it was written. */
const MAX_ENVELOPE_BYTES = 1_024;

/** Ports of {@link createCourier}. */
export interface CourierOptions {
  readonly toBody: (id: string, events: readonly QueuedEvent[]) => string;
  readonly outbox: Outbox;
  readonly tuning: Tuning;
  readonly onAccepted: (events: readonly QueuedEvent[], duplicates: number) => void;
  readonly onRejected: (rejected: readonly Refusal[]) => void;
  readonly onTooLarge: (events: readonly QueuedEvent[]) => void;
  /** What one attempt came to, for the status. */
  readonly onDelivery: (delivery: Delivery, transport: TransportKind) => void;
}

/** One delivery. It keeps its id when it is sent again. */
interface Batch {
  readonly id: string;
  readonly events: readonly QueuedEvent[];
}

/** Started with the logger, stopped with it. */
export interface Courier {
  /** Something was added. */
  pump(): void;
  useLink(link: Link | undefined): void;
  /** The network is said to be back. */
  wake(): void;
  /** Sends what waits without waiting for more; `true` when nothing is left, `false` after `timeoutMs`. */
  flush(timeoutMs: number): Promise<boolean>;
  /** Takes over a request that is under way with held events. */
  follow(events: readonly QueuedEvent[], delivery: Promise<Delivery>): Promise<void>;
  /** Removes what is accounted for; returns the events that have to be sent again. */
  settle(events: readonly QueuedEvent[], delivery: Delivery): readonly QueuedEvent[];
  stop(): void;
}

/** Creates a courier without a link. */
export const createCourier = (options: CourierOptions): Courier => {
  const { toBody, outbox, tuning, onAccepted, onRejected, onTooLarge, onDelivery } = options;
  /** Held batches that are sent as they are: again, or halves of one that was too large. */
  const again: Batch[] = [];
  const flushWaiters = new Set<(isDone: boolean) => void>();
  let flights = 0;
  let link: Link | undefined;
  let failures = 0;
  let notBeforeMs = 0;
  let dueAtMs = Infinity;
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const settle = (events: readonly QueuedEvent[], delivery: Delivery): readonly QueuedEvent[] => {
    if (delivery.state === "refused") {
      const refusal = { reason: delivery.reason, message: "The request was refused as a whole." };
      onRejected(outbox.remove(events).map((event) => ({ event, ...refusal })));
      return [];
    }
    const fates = delivery.state === "receipt" ? toFates(events, delivery.receipt) : undefined;
    if (delivery.state !== "receipt" || !fates) return events.filter(({ isGone }) => !isGone);
    onAccepted(outbox.remove(fates.accepted), delivery.receipt.duplicates);
    onRejected(fates.rejected.filter(({ event }) => outbox.remove([event]).length > 0));
    return fates.unfinished.filter(({ isGone }) => !isGone);
  };

  /** After 413: two halves; an event that is too large alone is given up. */
  const split = (events: readonly QueuedEvent[]): void => {
    const middle = events.length >> 1;
    if (middle === 0) onTooLarge(outbox.remove(events));
    else {
      for (const half of [events.slice(0, middle), events.slice(middle)]) again.push({ id: newId(), events: half });
    }
  };

  const waitMs = (delivery: Delivery): number => {
    if (delivery.state === "denied") return tuning.deniedRetryMs;
    const afterMs = "afterMs" in delivery ? delivery.afterMs : undefined;
    // Jitter on top of a named time, so that not all clients come back in the same instant; 0 means at once.
    if (afterMs === 0) return 0;
    if (afterMs !== undefined) return afterMs + backoffMs(0, tuning.retryBaseMs, tuning.retryBaseMs);
    return backoffMs(failures - 1, tuning.retryBaseMs, tuning.maxRetryMs);
  };

  const carry = async (batch: Batch, kind: TransportKind, sent: Promise<Delivery>): Promise<void> => {
    flights += 1;
    const delivery = await sent;
    flights -= 1;
    if (isStopped) return;
    onDelivery(delivery, kind);
    if (delivery.state === "too_large") split(batch.events);
    else {
      const open = settle(batch.events, delivery);
      if (open.length > 0) {
        again.push(open.length < batch.events.length ? { id: newId(), events: open } : batch);
        failures += 1;
        notBeforeMs = Math.max(notBeforeMs, Date.now() + waitMs(delivery));
      } else {
        failures = 0;
        notBeforeMs = 0;
      }
    }
    pump();
  };

  const isLeft = (): boolean => outbox.waiting.length + outbox.held > 0;

  const isUrgent = (): boolean =>
    again.length > 0 ||
    flushWaiters.size > 0 ||
    outbox.waiting.length >= tuning.maxBatchEvents ||
    outbox.waitingBytes >= tuning.maxBatchBytes ||
    outbox.waiting.some(({ severity }) => severity === "error" || severity === "fatal");

  const takeBatch = (): Batch => {
    const headBytes = utf8Length(outbox.waiting[0]?.chunk.head ?? "") + MAX_ENVELOPE_BYTES;
    return { id: newId(), events: outbox.take(tuning.maxBatchEvents, tuning.maxBatchBytes - headBytes) };
  };

  const pump = (): void => {
    clearTimeout(timer);
    if (!isLeft()) for (const done of flushWaiters) done(true);
    // While sending fails, one batch at a time finds out when it works again.
    while (!isStopped && link && flights < (failures > 0 ? 1 : tuning.maxBatchesInFlight)) {
      const nowMs = Date.now();
      if (again.length + outbox.waiting.length === 0) {
        dueAtMs = Infinity;
        return;
      }
      // The oldest event's age counts, so that a page that logs all the time sends as well.
      dueAtMs = Math.min(dueAtMs, nowMs + (link.kind === "mqtt" ? tuning.maxMqttAgeMs : tuning.maxAgeMs));
      const restMs = Math.max(notBeforeMs, isUrgent() ? 0 : dueAtMs) - nowMs;
      if (restMs > 0) {
        timer = setTimeout(pump, restMs);
        return;
      }
      dueAtMs = Infinity;
      const batch = again.shift() ?? takeBatch();
      const body = toBody(batch.id, batch.events);
      void carry(batch, link.kind, link.send({ id: batch.id, body }));
    }
  };

  return {
    pump,
    settle,
    follow: (events, delivery) => carry({ id: newId(), events }, "http", delivery),
    useLink(next) {
      link = next;
      if (next) notBeforeMs = 0;
      pump();
    },
    wake() {
      notBeforeMs = 0;
      pump();
    },
    flush: (timeoutMs) =>
      new Promise((resolve) => {
        const done = (isDone: boolean): void => {
          clearTimeout(limit);
          flushWaiters.delete(done);
          resolve(isDone);
        };
        const limit = setTimeout(() => done(!isLeft()), timeoutMs);
        flushWaiters.add(done);
        pump();
      }),
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
};
