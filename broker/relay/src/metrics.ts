/**
 * Prometheus metrics. The books balance at any time, per message: received = done + refused + held.
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

export interface Levels {
  readonly heldMessages: number;
  readonly heldBytes: number;
  readonly inFlightRequests: number;
  readonly oldestUnacknowledgedMs: number;
  readonly isConnected: boolean;
  /** `undefined` until the broker has told. */
  readonly brokerDroppedMessages: number | undefined;
}

const PREFIX = "edgelog_relay_";

/** `readLevels` is asked at each scrape. */
export const createMetrics = (readLevels: () => Levels): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <T extends string = never>(name: string, help: string, labelNames: readonly T[] = []): Counter<T> =>
    new Counter<T>({ name: `${PREFIX}${name}_total`, help, labelNames: [...labelNames], registers });
  const gauge = (name: string, help: string, read: (levels: Levels) => number): void => {
    registry.registerMetric(
      new Gauge({
        name: `${PREFIX}${name}`,
        help,
        registers: [],
        collect() {
          this.set(read(readLevels()));
        },
      }),
    );
  };

  gauge("messages_held", "Messages taken from the broker and not yet acknowledged.", (now) => now.heldMessages);
  gauge("held_bytes", "Bytes of the messages held.", (now) => now.heldBytes);
  gauge("requests_in_flight", "Requests to the Worker under way.", (now) => now.inFlightRequests);
  gauge(
    "oldest_unacknowledged_seconds",
    "Age of the oldest message held. Grows while something is stuck.",
    (now) => now.oldestUnacknowledgedMs / 1_000,
  );
  gauge("broker_connected", "1 while the relay's session at the broker is up.", (now) => (now.isConnected ? 1 : 0));
  gauge(
    "broker_dropped_messages",
    "Messages the broker says it dropped since it started; NaN until it has said.",
    (now) => now.brokerDroppedMessages ?? Number.NaN,
  );

  return {
    registry,
    messagesReceived: counter("messages_received", "Messages taken from the broker.", ["qos"]),
    messagesRedelivered: counter("messages_redelivered", "Deliveries of a message that was still held here."),
    messagesDone: counter("messages_done", "Messages that the Worker accounted for."),
    messagesRefused: counter("messages_refused", "Messages that the Worker refuses even alone. Alarm: these are lost."),
    eventsStored: counter("events_stored", "Events stored in OpenSearch."),
    eventsDuplicate: counter("events_duplicate", "Events that OpenSearch had already."),
    eventsRejected: counter("events_rejected", "Events kept in the rejected store.", ["reason"]),
    sendFailures: counter("send_failures", "Requests to the Worker that have to be repeated.", ["failure"]),
    receipts: counter("receipts", "Receipts by result: sent, foreign_topic (refused), offline.", ["result"]),
  };
};
