/**
 * Prometheus metrics. At any time: messages received = done + refused + held.
 */
import { Counter, Gauge, Registry, collectDefaultMetrics } from "prom-client";

export interface Metrics {
  readonly registry: Registry;
  readonly messagesReceived: Counter<"qos">;
  readonly messagesRedelivered: Counter;
  readonly messagesDone: Counter;
  readonly messagesRefused: Counter;
  readonly eventsStored: Counter;
  readonly eventsDuplicate: Counter;
  readonly eventsRejected: Counter<"reason">;
  readonly sendFailures: Counter<"failure">;
  readonly receipts: Counter<"result">;
}

/** The current state of the relay, as shown by `/healthz`. */
export interface RelayStatus {
  readonly heldMessages: number;
  readonly heldBytes: number;
  readonly inFlightRequests: number;
  readonly oldestUnacknowledgedMs: number;
  readonly isConnected: boolean;
  /** Number of messages that the broker has dropped since its start. `undefined` until the broker has reported it. */
  readonly brokerDroppedMessages: number | undefined;
}

const PREFIX = "edgelog_relay_";

/** Calls `readStatus` at each scrape. */
export const createMetrics = (readStatus: () => RelayStatus): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <T extends string = never>(name: string, help: string, labelNames: readonly T[] = []): Counter<T> =>
    new Counter<T>({ name: `${PREFIX}${name}_total`, help, labelNames: [...labelNames], registers });
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
  gauge("broker_connected", "1 while the relay is connected and subscribed, else 0.", (status) =>
    status.isConnected ? 1 : 0,
  );
  gauge(
    "broker_dropped_messages",
    "Messages dropped by the broker since its start; NaN until the broker has reported it.",
    (status) => status.brokerDroppedMessages ?? Number.NaN,
  );

  return {
    registry,
    messagesReceived: counter("messages_received", "Messages received from the broker.", ["qos"]),
    messagesRedelivered: counter(
      "messages_redelivered",
      "Redeliveries of messages that the relay had already received.",
    ),
    messagesDone: counter("messages_done", "Messages with a final outcome for every event."),
    messagesRefused: counter(
      "messages_refused",
      "Messages that the Worker refused even when sent alone. These are lost: alert on any.",
    ),
    eventsStored: counter("events_stored", "Events stored in OpenSearch."),
    eventsDuplicate: counter("events_duplicate", "Events that OpenSearch already had."),
    eventsRejected: counter("events_rejected", "Events stored in the rejected store.", ["reason"]),
    sendFailures: counter("send_failures", "Failed requests to the Worker.", ["failure"]),
    receipts: counter("receipts", "Receipts by result: sent, forbidden_topic (not sent), offline (not sent).", [
      "result",
    ]),
  };
};
