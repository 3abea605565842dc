/**
 * The relay: from the broker's session to the Worker and back with acknowledgements and receipts.
 * Guarantee: a message of QoS 1 is acknowledged to the broker only after the Worker accounted for each of its events.
 */
import { v7 as uuidv7 } from "uuid";
import type { ReceivedReceipt } from "#contract/wire/receipt.ts";
import { BatchQueue } from "./batch-queue.ts";
import { startBrokerSession } from "./broker-session.ts";
import type { RelayConfig } from "./config.ts";
import type { Arrival } from "./manual-acks.ts";
import { createForwarder } from "./forwarder.ts";
import { writeHandover, type HandedMessage } from "./handover-file.ts";
import type { HeldMessage, ReplyTo } from "./held-message.ts";
import type { Logger } from "./logger.ts";
import { createMetrics, type Levels, type Metrics } from "./metrics.ts";
import { sendReceipt } from "./receipts.ts";
import { Redeliveries } from "./redelivery-tracker.ts";
import { createWorkerClient } from "./worker-client.ts";

export interface Relay {
  readonly metrics: Metrics;
  readonly levels: () => Levels;
  readonly isReady: () => boolean;
  /** Takes nothing more, finishes and acknowledges what is in hand, then disconnects. */
  stop(): Promise<void>;
}

const toReplyTo = ({ packet }: Arrival): ReplyTo | undefined => {
  const responseTopic = packet.properties?.responseTopic;
  return responseTopic === undefined
    ? undefined
    : { responseTopic, correlationData: packet.properties?.correlationData };
};

/** `handed`: what the relay before this one left; see handover.ts. */
export const startRelay = (config: RelayConfig, logger: Logger, handed: readonly HandedMessage[] = []): Relay => {
  const queue = new BatchQueue(config.batch);
  const redeliveries = new Redeliveries(handed);
  const held = new Set<HeldMessage>();
  const aborter = new AbortController();
  const resumes: (() => void)[] = [];
  let heldBytes = 0;
  let isStopping = false;
  let brokerDroppedMessages: number | undefined;

  const levels = (): Levels => {
    const [oldest] = held;
    return {
      heldMessages: held.size,
      heldBytes,
      inFlightRequests: forwarder.inFlight,
      oldestUnacknowledgedMs: oldest === undefined ? 0 : Date.now() - oldest.arrivedAtMs,
      isConnected: session.isReady,
      brokerDroppedMessages,
    };
  };
  const metrics = createMetrics(levels);

  const isFull = (): boolean => heldBytes > config.maxHeldBytes || session.isOverrun;

  const readOn = (): void => {
    for (const resume of resumes.splice(0)) resume();
  };

  const release = (message: HeldMessage): void => {
    message.isDone = true;
    held.delete(message);
    heldBytes -= message.bytes;
    message.acknowledge();
    if (!isFull()) readOn();
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
        "the Worker refuses this message even alone: it is lost",
      );
      release(message);
    },
    onFailure(error, messages) {
      metrics.sendFailures.inc({ failure: error.failure });
      const level = error.failure === "unavailable" ? "warn" : "error";
      logger[level]({ failure: error.failure, detail: error.message, messages }, "a batch has to be sent again");
    },
  });

  /** Pauses the broker while too much is held; not any more when stopping, to hear it close the connection. */
  const pause = (): Promise<void> | undefined =>
    isFull() && !isStopping ? new Promise<void>((resolve) => resumes.push(resolve)) : undefined;

  const onArrival = (arrival: Arrival): Promise<void> | undefined => {
    const { packet, messageId, acknowledge } = arrival;
    // Read and left to the relay after this one: what is not read holds up the end of the connection.
    if (isStopping && messageId !== undefined) return undefined;
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    const repeated =
      messageId === undefined ? undefined : redeliveries.find(messageId, packet.dup, packet.topic, payload);
    const track = (message: HeldMessage): void => {
      if (messageId === undefined) return;
      redeliveries.track(messageId, message);
      message.acknowledge = () => {
        redeliveries.forget(messageId, message);
        acknowledge();
      };
    };
    if (repeated !== undefined) metrics.messagesRedelivered.inc();
    if (repeated !== undefined && (repeated.isDone || held.has(repeated))) {
      track(repeated);
      if (repeated.isDone) repeated.acknowledge();
      return undefined;
    }
    const message: HeldMessage = {
      // What a relay before had in hand keeps its stamp.
      id: repeated?.id ?? uuidv7(),
      topic: packet.topic,
      payload,
      digest: undefined,
      bytes: packet.length ?? payload.byteLength,
      arrivedAtMs: repeated?.arrivedAtMs ?? Date.now(),
      replyTo: toReplyTo(arrival),
      acknowledge,
      isDone: false,
    };
    track(message);
    metrics.messagesReceived.inc({ qos: messageId === undefined ? "0" : "1" });
    held.add(message);
    heldBytes += message.bytes;
    queue.add(message);
    forwarder.wake();
    return pause();
  };

  const session = startBrokerSession({
    config: config.broker,
    logger,
    onConnection: (isSessionPresent) => redeliveries.startConnection(isSessionPresent),
    onArrival,
    onBrokerDropped(messages) {
      if (brokerDroppedMessages !== undefined && messages > brokerDroppedMessages) {
        logger.error({ messages: messages - brokerDroppedMessages }, "the broker dropped messages");
      }
      brokerDroppedMessages = messages;
    },
  });

  const handOver = async (): Promise<void> => {
    if (config.handoverFile === undefined) return;
    try {
      await writeHandover(config.handoverFile, redeliveries.handOver());
    } catch (error) {
      logger.error(
        { error: String(error) },
        "nothing can be left to the next relay: events without ids may be doubled",
      );
    }
  };

  return {
    metrics,
    levels,
    isReady: () => session.isReady,
    async stop() {
      isStopping = true;
      readOn();
      session.letGo();
      const deadline = setTimeout(() => aborter.abort(), config.drainDeadlineMs);
      await Promise.race([
        forwarder.drained(),
        new Promise((resolve) => aborter.signal.addEventListener("abort", resolve, { once: true })),
      ]);
      clearTimeout(deadline);
      if (held.size > 0)
        logger.warn({ messages: held.size }, "stopping with messages that the broker will deliver again");
      await handOver();
      await session.stop();
    },
  };
};
