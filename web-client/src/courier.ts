/**
 * Carries events from the outbox to the server: makes batches when they are due, sends each until a receipt accounts
 * for it, and settles them.
 */
import { backoffMs } from "./backoff.ts";
import type { QueuedEvent } from "./event.ts";
import type { Delivery, Link, TransportKind } from "./link.ts";
import { newId } from "./new-id.ts";
import type { Outbox } from "./outbox.ts";
import { toFates, type Refusal } from "./read-receipt.ts";
import type { Tuning } from "./tuning.ts";
import { utf8Length } from "./utf8-length.ts";

/** Ports of {@link createCourier}. */
export interface CourierOptions {
  readonly outbox: Outbox;
  readonly tuning: Tuning;
  readonly onAccepted: (events: readonly QueuedEvent[], duplicates: number) => void;
  readonly onRejected: (rejected: readonly Refusal[]) => void;
  readonly onTooLarge: (events: readonly QueuedEvent[]) => void;
  /** What one attempt came to, for the status. */
  readonly onDelivery: (delivery: Delivery, transport: TransportKind) => void;
}

/** One delivery. */
export interface Batch {
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
  /** Sends all that fits into what browsers grant to a page that goes away. */
  lastWords(post: (body: string) => Promise<Delivery>): void;
  stop(): void;
}

const ERROR_LEVEL = 4;

/** The wire form of contract/batch.ts, put together from strings that are serialised already. */
export const toBody = ({ id, events }: Batch): string => {
  const head = events[0]?.chunk?.head ?? "";
  // The server compares this time with its own: a wrong clock shows.
  return `{"v":1,"id":"${id}",${head.slice(1, -2)},"edgelog.sent_time":${Date.now()}},"events":[${events
    .map(({ json }) => json)
    .join(",")}]}`;
};

/** Creates a courier without a link. */
export const createCourier = (options: CourierOptions): Courier => {
  const { outbox, tuning, onAccepted, onRejected, onTooLarge, onDelivery } = options;
  /** Held batches that are sent as they are: again, or halves of one that was too large. */
  const again: Batch[] = [];
  const flights = new Set<Batch>();
  const flushWaiters = new Set<(isDone: boolean) => void>();
  let link: Link | undefined;
  let failures = 0;
  let notBeforeMs = 0;
  let isStopped = false;
  let lastBytes = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Removes what is accounted for; returns the events that have to be sent again. */
  const settle = (events: readonly QueuedEvent[], delivery: Delivery): readonly QueuedEvent[] => {
    const fates = delivery.state === "receipt" ? toFates(events, delivery.receipt) : undefined;
    if (delivery.state === "refused") {
      const refusal = { reason: delivery.reason, message: "The request was refused as a whole." };
      onRejected(outbox.remove(events).map((event) => ({ event, ...refusal })));
      return [];
    }
    if (delivery.state !== "receipt" || !fates) return events.filter(({ isGone }) => !isGone);
    onAccepted(outbox.remove(fates.accepted), delivery.receipt.duplicates);
    onRejected(fates.rejected.filter(({ event }) => outbox.remove([event])[0]));
    return fates.unfinished.filter(({ isGone }) => !isGone);
  };

  /** After 413: two halves; an event that is too large alone is given up. */
  const split = (events: readonly QueuedEvent[]): void => {
    const middle = events.length >> 1;
    if (!middle) onTooLarge(outbox.remove(events));
    else {
      for (const half of [events.slice(0, middle), events.slice(middle)]) again.push({ id: newId(), events: half });
    }
  };

  const carry = async (batch: Batch, by: Link): Promise<void> => {
    flights.add(batch);
    const delivery = await by.send({ id: batch.id, body: toBody(batch) });
    flights.delete(batch);
    if (isStopped) return;
    onDelivery(delivery, by.kind);
    if (delivery.state === "too_large") split(batch.events);
    else {
      const open = settle(batch.events, delivery);
      if (open.length) {
        again.push(open.length < batch.events.length ? { id: newId(), events: open } : batch);
        failures += 1;
        const { afterMs } = delivery as { readonly afterMs?: number };
        // Jitter on top of a named time, so that not all clients come back in the same instant; 0 means at once.
        const waitMs =
          delivery.state === "denied"
            ? tuning.deniedRetryMs
            : afterMs === 0
              ? 0
              : (afterMs ?? 0) + backoffMs(afterMs ? 0 : failures - 1, tuning.retryBaseMs, tuning.maxRetryMs);
        notBeforeMs = Math.max(notBeforeMs, Date.now() + waitMs);
      } else failures = notBeforeMs = 0;
    }
    pump();
  };

  const isLeft = (): boolean => outbox.waiting.length + outbox.held > 0;

  const dueMs = (): number => {
    const [first] = outbox.waiting;
    const isDue =
      again.length > 0 ||
      flushWaiters.size > 0 ||
      outbox.waiting.length >= tuning.maxBatchEvents ||
      outbox.waitingBytes >= tuning.maxBatchBytes ||
      outbox.waiting.some(({ level }) => level >= ERROR_LEVEL);
    const restMs = notBeforeMs - Date.now();
    return isDue || !first ? restMs : Math.max(restMs, tuning.maxAgeMs);
  };

  const pump = (): void => {
    if (!isLeft()) for (const done of flushWaiters) done(true);
    // While sending fails, one batch at a time finds out when it works again.
    while (!isStopped && link && flights.size < (failures ? 1 : tuning.maxBatchesInFlight)) {
      if (!again.length && !outbox.waiting.length) return;
      const waitMs = dueMs();
      if (waitMs > 0) {
        // A timer that runs already is that of an older event.
        if (failures) clearTimeout(timer);
        if (failures || !timer) timer = setTimeout(onTimer, waitMs);
        return;
      }
      start(link);
    }
  };

  const start = (by: Link): void => {
    clearTimeout(timer);
    timer = undefined;
    const batch = again.shift() ?? {
      id: newId(),
      events: outbox.take(tuning.maxBatchEvents, tuning.maxBatchBytes - headRoom()),
    };
    if (batch.events.length) void carry(batch, by);
  };

  const headRoom = (): number => utf8Length(outbox.waiting[0]?.chunk?.head ?? "") + 128;

  const onTimer = (): void => {
    timer = undefined;
    if (link && Date.now() >= notBeforeMs && (again.length || outbox.waiting.length)) start(link);
    pump();
  };

  return {
    pump,
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
    lastWords(post) {
      const send = async (batch: Batch): Promise<void> => {
        const body = toBody(batch);
        const bytes = utf8Length(body);
        if (lastBytes + bytes > tuning.maxBatchBytes) return;
        lastBytes += bytes;
        const delivery = await post(body);
        lastBytes -= bytes;
        settle(batch.events, delivery);
        pump();
      };
      // A page that lives on sends them again as usual, unless the receipt is faster: duplicates do no harm.
      for (const batch of [...flights, ...again]) void send(batch);
      while (outbox.waiting.length) {
        const events = outbox.take(tuning.maxBatchEvents, tuning.maxBatchBytes - lastBytes - headRoom());
        const batch = { id: newId(), events };
        again.push(batch);
        const before = lastBytes;
        void send(batch);
        if (before === lastBytes) return;
      }
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
};
