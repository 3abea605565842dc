/**
 * Connects the relay's components: broker session → queue → forwarder → Worker, then receipt and PUBACK back.
 * Guarantee: a QoS 1 message is acknowledged to the broker only after the Worker accounted for each of its events.
 */
import { v7 as uuidv7 } from "uuid";
import type { ReceivedReceipt } from "#contract/wire/receipt.ts";
import { BackPressure } from "./back-pressure.ts";
import { BatchQueue } from "./batch-queue.ts";
import { startBrokerSession } from "./broker-session.ts";
import type { RelayConfig } from "./config.ts";
import { createForwarder } from "./forwarder.ts";
import { writeHandoverFile, type HandoverEntry } from "./handover-file.ts";
import type { HeldMessage, ReplyTo } from "./held-message.ts";
import { HeldMessages } from "./held-messages.ts";
import type { Logger } from "./logger.ts";
import type { IncomingPublish } from "./manual-acks.ts";
import { createMetrics, type Metrics, type RelayStatus } from "./metrics.ts";
import { sendReceipt } from "./receipts.ts";
import { RedeliveryTracker } from "./redelivery-tracker.ts";
import { createWorkerClient } from "./worker-client.ts";

export interface Relay {
  readonly metrics: Metrics;
  readonly readStatus: () => RelayStatus;
  /** True while the relay is connected and subscribed. */
  readonly isReady: () => boolean;
  /**
   * Stops accepting messages, sends and acknowledges the held messages within `drainDeadlineMs`, writes the handover file,
   * then disconnects.
   */
  stop(): Promise<void>;
}

const toReplyTo = ({ packet }: IncomingPublish): ReplyTo | undefined => {
  const responseTopic = packet.properties?.responseTopic;
  return responseTopic === undefined
    ? undefined
    : { responseTopic, correlationData: packet.properties?.correlationData };
};

/** `repeated`: the same message from an earlier connection or relay. Its stamp and time of arrival are reused. */
const toHeldMessage = (
  publish: IncomingPublish,
  payload: Uint8Array,
  repeated: HeldMessage | undefined,
): HeldMessage => ({
  id: repeated?.id ?? uuidv7(),
  topic: publish.packet.topic,
  payload,
  digest: undefined,
  bytes: publish.packet.length ?? payload.byteLength,
  arrivedAtMs: repeated?.arrivedAtMs ?? Date.now(),
  replyTo: toReplyTo(publish),
  acknowledge: publish.acknowledge,
  isDone: false,
});

/** `handover`: the entries of the previous relay's handover file. */
export const startRelay = (config: RelayConfig, logger: Logger, handover: readonly HandoverEntry[] = []): Relay => {
  const queue = new BatchQueue(config.batch);
  const redeliveries = new RedeliveryTracker(handover);
  const held = new HeldMessages();
  const backPressure = new BackPressure(() => held.bytes > config.maxHeldBytes || session.exceedsReceiveMaximum);
  const aborter = new AbortController();
  let isStopping = false;
  let brokerDroppedMessages: number | undefined;

  const readStatus = (): RelayStatus => ({
    heldMessages: held.count,
    heldBytes: held.bytes,
    inFlightRequests: forwarder.inFlight,
    oldestUnacknowledgedMs: held.oldestAgeMs(Date.now()),
    isConnected: session.isReady,
    brokerDroppedMessages,
  });
  const metrics = createMetrics(readStatus);

  const release = (message: HeldMessage): void => {
    message.isDone = true;
    held.remove(message);
    message.acknowledge();
    backPressure.resumeIfRoom();
  };

  const countReceipt = ({ stored, duplicates, rejected }: ReceivedReceipt): void => {
    metrics.messagesDone.inc();
    metrics.eventsStored.inc(stored);
    metrics.eventsDuplicate.inc(duplicates);
    for (const { reason } of rejected) metrics.eventsRejected.inc({ reason });
  };

  const forwarder = createForwarder({
    queue,
    send: createWorkerClient(config.worker),
    maxInFlight: config.maxInFlight,
    signal: aborter.signal,
    onDone(message, receipt) {
      countReceipt(receipt);
      const result = sendReceipt(message, receipt, session.publishReceipt);
      if (result !== undefined) metrics.receipts.inc({ result });
      release(message);
    },
    onRefused(message) {
      metrics.messagesRefused.inc();
      logger.error(
        { id: message.id, topic: message.topic, bytes: message.payload.byteLength },
        "message permanently rejected by the Worker; dropping it",
      );
      release(message);
    },
    onFailure(error, messages) {
      metrics.sendFailures.inc({ failure: error.failure });
      const level = error.failure === "unavailable" ? "warn" : "error";
      logger[level]({ failure: error.failure, detail: error.message, messages }, "sending a batch failed");
    },
  });

  /** Acknowledges this message under its current packet identifier. Does nothing for QoS 0. */
  const track = (message: HeldMessage, { messageId, acknowledge }: IncomingPublish): void => {
    if (messageId === undefined) return;
    redeliveries.track(messageId, message);
    message.acknowledge = () => {
      redeliveries.markAcknowledged(messageId, message);
      acknowledge();
    };
  };

  const onPublish = (publish: IncomingPublish): Promise<void> | undefined => {
    const { packet, messageId } = publish;
    // Read without being acknowledged, so the next relay gets it. Unread packets would delay the end of the connection.
    if (isStopping && messageId !== undefined) return undefined;
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    const repeated =
      messageId === undefined ? undefined : redeliveries.match(messageId, packet.dup, packet.topic, payload);
    if (repeated !== undefined) metrics.messagesRedelivered.inc();
    if (repeated !== undefined && (repeated.isDone || held.has(repeated))) {
      track(repeated, publish);
      if (repeated.isDone) repeated.acknowledge();
      return undefined;
    }
    const message = toHeldMessage(publish, payload, repeated);
    track(message, publish);
    metrics.messagesReceived.inc({ qos: messageId === undefined ? "0" : "1" });
    held.add(message);
    queue.add(message);
    forwarder.sendDue();
    return backPressure.pauseIfFull();
  };

  const session = startBrokerSession({
    config: config.broker,
    logger,
    onConnection: (isSessionPresent) => redeliveries.startConnection(isSessionPresent),
    onPublish,
    onBrokerDropped(messages) {
      if (brokerDroppedMessages !== undefined && messages > brokerDroppedMessages) {
        logger.error({ messages: messages - brokerDroppedMessages }, "the broker dropped messages");
      }
      brokerDroppedMessages = messages;
    },
  });

  const saveHandover = async (): Promise<void> => {
    if (config.handoverFile === undefined) return;
    try {
      await writeHandoverFile(config.handoverFile, redeliveries.toHandover());
    } catch (error) {
      logger.error(
        { error: String(error) },
        "could not write the handover file; events without ids may be stored twice",
      );
    }
  };

  return {
    metrics,
    readStatus,
    isReady: () => session.isReady,
    async stop() {
      isStopping = true;
      backPressure.disable();
      session.disableReconnect();
      const deadline = setTimeout(() => aborter.abort(), config.drainDeadlineMs);
      await Promise.race([
        forwarder.drained(),
        new Promise((resolve) => aborter.signal.addEventListener("abort", resolve, { once: true })),
      ]);
      clearTimeout(deadline);
      if (held.count > 0) {
        logger.warn({ messages: held.count }, "stopping with unacknowledged messages; the broker will redeliver them");
      }
      await saveHandover();
      await session.stop();
    },
  };
};
