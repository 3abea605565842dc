/**
 * One broker session with its messages: recognises redeliveries, holds new messages and releases them.
 */
import { startBrokerSession, type BrokerSession, type BrokerSessionOptions } from "./broker-session.ts";
import { createStamp } from "./create-stamp.ts";
import type { HandoverEntry } from "./handover-file.ts";
import type { HeldMessage, MessageSession, ReplyTo } from "./held-message.ts";
import { createLanes } from "./lane.ts";
import type { IncomingPublish } from "./manual-acks.ts";
import type { HeldMemory, SessionMemory } from "./held-memory.ts";
import type { Metrics } from "./metrics.ts";
import { RedeliveryTracker, type AcknowledgedMemory, type TrackedMessage } from "./redelivery-tracker.ts";

export interface RelaySessionOptions extends Omit<
  BrokerSessionOptions,
  "largePackets" | "onPublish" | "onAcknowledged"
> {
  /** Messages that the previous relay left unacknowledged. */
  readonly handover: readonly HandoverEntry[];
  /**
   * Called when {@link handover} becomes invalid for a later relay: before the first PUBACK is written, and when the broker has no
   * session.
   */
  readonly onHandoverEnd: () => void;
  readonly heldMemory: HeldMemory;
  readonly acknowledgedMemory: AcknowledgedMemory;
  readonly metrics: Metrics;
  /** Called for each message that must be sent to the Worker. */
  readonly onMessage: (message: HeldMessage) => void;
  /** Called when the session stops reading after this message, because it holds as many messages as it may. */
  readonly onHeldBack: (message: HeldMessage) => void;
}

export interface RelaySession extends MessageSession {
  readonly broker: BrokerSession;
  readonly memory: SessionMemory;
  /** The messages that the broker may deliver again, for the handover file. */
  toHandover(): readonly HandoverEntry[];
  /** From now on messages are read without being acknowledged, so the next relay gets them. */
  stopAccepting(): void;
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
  session: MessageSession,
  repeated: TrackedMessage | undefined,
  nowMs: number,
): HeldMessage => ({
  id: repeated?.id ?? createStamp(nowMs),
  topic: publish.packet.topic,
  payload,
  digest: undefined,
  bytes: publish.packet.length ?? payload.byteLength,
  arrivedAtMs: repeated?.arrivedAtMs ?? nowMs,
  // Whole milliseconds: V8 allocates memory for each number with a fraction.
  heldSinceMs: Math.trunc(performance.now()) - (repeated === undefined ? 0 : Math.max(0, nowMs - repeated.arrivedAtMs)),
  replyTo: toReplyTo(publish),
  session,
  acknowledge: publish.acknowledge,
  isDone: false,
});

export const startRelaySession = (options: RelaySessionOptions): RelaySession => {
  const { metrics, heldMemory, onMessage, onHeldBack } = options;
  const redeliveries = new RedeliveryTracker(options.handover, options.acknowledgedMemory);
  const memory = heldMemory.openSession(() => broker.exceedsReceiveMaximum || redeliveries.isFull);
  let isStopping = false;

  /** Acknowledges this message under its current packet identifier. Does nothing for QoS 0. */
  const track = (message: TrackedMessage, { messageId, acknowledge }: IncomingPublish): void => {
    if (messageId === undefined) return;
    redeliveries.track(messageId, message);
    message.acknowledge = () => {
      redeliveries.markDone(messageId, message);
      acknowledge();
    };
  };

  const onPublish = (publish: IncomingPublish): Promise<void> | undefined => {
    const { packet, messageId } = publish;
    // Unread packets would delay the end of the connection.
    if (isStopping && messageId !== undefined) return undefined;
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    const repeated =
      messageId === undefined ? undefined : redeliveries.match(messageId, packet.dup, packet.topic, payload);
    if (repeated !== undefined) metrics.messagesRedelivered.inc();
    if (repeated !== undefined && (repeated.isDone || memory.has(repeated))) {
      track(repeated, publish);
      if (repeated.isDone) repeated.acknowledge();
      return undefined;
    }
    const message = toHeldMessage(publish, payload, session, repeated, Date.now());
    track(message, publish);
    if (messageId === undefined) metrics.totals.receivedQos0 += 1;
    else metrics.totals.receivedQos1 += 1;
    memory.add(message);
    onMessage(message);
    const pause = memory.pauseIfFull();
    if (pause !== undefined) onHeldBack(message);
    return pause;
  };

  const broker = startBrokerSession({
    ...options,
    largePackets: heldMemory.largePackets,
    onPublish,
    onAcknowledged(messageIds) {
      if (options.handover.length > 0) options.onHandoverEnd();
      redeliveries.markAcknowledged(messageIds);
    },
    onConnection(isSessionPresent) {
      if (!isSessionPresent && options.handover.length > 0) options.onHandoverEnd();
      redeliveries.startConnection(isSessionPresent);
      options.onConnection(isSessionPresent);
    },
  });

  const session: RelaySession = {
    name: options.name,
    lanes: createLanes(),
    broker,
    memory,
    publishReceipt: broker.publishReceipt,
    release(message) {
      message.isDone = true;
      message.acknowledge();
      memory.remove(message);
    },
    toHandover: () => redeliveries.toHandover(),
    stopAccepting() {
      isStopping = true;
      broker.disableReconnect();
    },
  };
  return session;
};
