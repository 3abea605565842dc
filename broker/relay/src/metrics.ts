/**
 * Prometheus metrics. At any time: messages received = done + refused + held.
 */
import type { RelayStatus } from "./health.ts";
import type { ReceiptResult } from "./receipts.ts";
import { Counter, Gauge, Registry, collectDefaultMetrics } from "prom-client";

/**
 * Counts that change with each message. They are plain numbers, copied into the counters at each scrape, because a call of
 * prom-client takes longer than an addition.
 */
export interface Totals {
  receivedQos0: number;
  receivedQos1: number;
  done: number;
  stored: number;
  duplicates: number;
  readonly receipts: Record<ReceiptResult, number>;
}

export interface Metrics {
  readonly registry: Registry;
  readonly totals: Totals;
  readonly messagesReceived: Counter<"qos">;
  readonly messagesRedelivered: Counter;
  readonly messagesRefused: Counter;
  readonly eventsRejected: Counter<"reason" | "app">;
  readonly sendFailures: Counter<"failure" | "app">;
  readonly messagesSetAside: Counter<"app">;
  readonly sessionsLost: Counter;
}

const PREFIX = "edgelog_relay_";

/**
 * Calls `readStatus` and `readSessionAges` at each scrape. The latter returns the age in milliseconds of the oldest message
 * of each session that holds messages.
 */
export const createMetrics = (
  readStatus: () => RelayStatus,
  readSessionAges: () => ReadonlyMap<string, number>,
): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <T extends string = never>(name: string, help: string, labelNames: readonly T[] = []): Counter<T> =>
    new Counter<T>({ name: `${PREFIX}${name}_total`, help, labelNames: [...labelNames], registers });
  const totals: Totals = {
    receivedQos0: 0,
    receivedQos1: 0,
    done: 0,
    stored: 0,
    duplicates: 0,
    receipts: { sent: 0, forbidden_topic: 0, offline: 0 },
  };
  /** A counter with a total for each value of its label, or one total for a counter without a label. */
  const totalCounter = <T extends string = never>(
    name: string,
    help: string,
    label: T | undefined,
    read: () => Readonly<Record<string, number>>,
  ): Counter<T> =>
    new Counter<T>({
      name: `${PREFIX}${name}_total`,
      help,
      labelNames: label === undefined ? [] : [label],
      registers,
      collect() {
        this.reset();
        for (const [value, total] of Object.entries(read())) {
          if (label === undefined) this.inc(total);
          else if (total > 0) this.inc({ [label]: value } as Record<T, string>, total);
        }
      },
    });
  const gauge = (name: string, help: string, read: (status: RelayStatus) => number): void => {
    registry.registerMetric(
      new Gauge({
        name: `${PREFIX}${name}`,
        help,
        registers: [],
        collect() {
          this.set(read(readStatus()));
        },
      }),
    );
  };

  gauge(
    "messages_held",
    "Messages received from the broker and not acknowledged yet.",
    (status) => status.heldMessages,
  );
  gauge("held_bytes", "Size of the held messages.", (status) => status.heldBytes);
  gauge("requests_in_flight", "Requests to the Worker without a response yet.", (status) => status.inFlightRequests);
  gauge(
    "oldest_unacknowledged_seconds",
    "Age of the oldest held message. Grows while the Worker or OpenSearch is unavailable.",
    (status) => status.oldestUnacknowledgedMs / 1_000,
  );
  gauge("broker_connected", "1 while every session is connected and subscribed, else 0.", (status) =>
    status.isConnected ? 1 : 0,
  );
  gauge("sessions", "Sessions of the relay at the broker.", (status) => status.sessions);
  gauge("sessions_ready", "Sessions that are connected and subscribed.", (status) => status.readySessions);
  gauge("sessions_slow", "Sessions whose requests fail and are retried.", (status) => status.slowSessions);
  gauge(
    "broker_dropped_messages",
    "Messages dropped by the broker since the relay's state file was created.",
    (status) => status.brokerDroppedMessages,
  );
  gauge(
    "broker_stored_bytes",
    "Size of the payloads of all messages that wait in the broker.",
    (status) => status.brokerStoredBytes,
  );
  gauge(
    "broker_heap_bytes",
    "Memory that the broker has allocated; NaN if it does not report it.",
    (status) => status.brokerHeapBytes ?? Number.NaN,
  );
  gauge("clock_skew", "1 after the Worker refused the relay's clock, until it accepts a request, else 0.", (status) =>
    status.hasClockSkew ? 1 : 0,
  );
  gauge("state_not_saved", "1 while the state file cannot be written, else 0.", (status) =>
    status.isStateSaved ? 0 : 1,
  );
  gauge(
    "broker_certificate_days",
    "Days until the certificate of the broker's listener expires; NaN without TLS.",
    (status) => status.certificateDays ?? Number.NaN,
  );
  registry.registerMetric(
    new Gauge({
      name: `${PREFIX}session_oldest_unacknowledged_seconds`,
      help: "Age of the oldest held message of each session that holds messages.",
      labelNames: ["session"],
      registers: [],
      collect() {
        this.reset();
        for (const [session, ageMs] of readSessionAges()) this.set({ session }, ageMs / 1_000);
      },
    }),
  );

  const messagesReceived = totalCounter("messages_received", "Messages received from the broker.", "qos", () => ({
    "0": totals.receivedQos0,
    "1": totals.receivedQos1,
  }));
  totalCounter("messages_done", "Messages with a final outcome for every event.", undefined, () => ({
    total: totals.done,
  }));
  totalCounter("events_stored", "Events stored in OpenSearch.", undefined, () => ({ total: totals.stored }));
  totalCounter("events_duplicate", "Events that OpenSearch already had.", undefined, () => ({
    total: totals.duplicates,
  }));
  totalCounter(
    "receipts",
    "Receipts by result: sent, forbidden_topic (not sent), offline (not sent).",
    "result",
    () => totals.receipts,
  );

  return {
    registry,
    totals,
    messagesReceived,
    messagesRedelivered: counter(
      "messages_redelivered",
      "Redeliveries of messages that the relay had already received.",
    ),
    messagesRefused: counter(
      "messages_refused",
      "Messages that the Worker refused even to store as rejected. These are lost: alert on any.",
    ),
    eventsRejected: counter("events_rejected", "Events stored in the rejected store.", ["reason", "app"]),
    sendFailures: counter("send_failures", "Failed requests to the Worker. No app: the request had several.", [
      "failure",
      "app",
    ]),
    messagesSetAside: counter(
      "messages_set_aside",
      "Messages that the Worker refused, or with which it failed repeatedly, stored as rejected.",
      ["app"],
    ),
    sessionsLost: counter(
      "sessions_lost",
      "Sessions that the broker has lost with their messages. Alert on any increase.",
    ),
  };
};
