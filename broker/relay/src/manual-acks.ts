/**
 * Manual acknowledgement for mqtt.js: the relay sends the PUBACK of each incoming QoS 1 message.
 *
 * mqtt.js handles one packet at a time and would hold message n+1 back until n is acknowledged, so batches would be
 * impossible. On its documented `packetreceive` event this module stores the packet identifier and sets the QoS to 0, so
 * that mqtt.js neither waits nor acknowledges. {@link IncomingPublish.acknowledge} writes the PUBACK, in order of arrival.
 *
 * A PUBACK is never written to another connection than the one the message arrived on: the broker delivers unacknowledged
 * messages again on the next connection.
 */
import type { IPublishPacket, MqttClient, Packet } from "mqtt";
import { AckQueue } from "./ack-queue.ts";

/** A PUBLISH received from the broker. */
export interface IncomingPublish {
  readonly packet: IPublishPacket;
  /** Packet identifier. `undefined` for QoS 0. */
  readonly messageId: number | undefined;
  /** Does nothing for QoS 0, or after the connection has closed. */
  readonly acknowledge: () => void;
}

const PUBACK = 0x40;
const REMAINING_BYTES = 2;

/** Encodes PUBACK packets with reason code 0, which MQTT 5 allows to omit [MQTT-3.4.2.1]. */
const toPubacks = (messageIds: readonly number[]): Buffer => {
  const buffer = Buffer.allocUnsafe(messageIds.length * 4);
  let offset = 0;
  for (const messageId of messageIds) {
    buffer[offset] = PUBACK;
    buffer[offset + 1] = REMAINING_BYTES;
    buffer.writeUInt16BE(messageId, offset + 2);
    offset += 4;
  }
  return buffer;
};

export interface ManualAcks {
  /** Messages received on the current connection and not acknowledged yet. */
  readonly unacknowledged: number;
}

/**
 * Calls `onPublish` for each message. While the returned promise is pending, nothing more is read from the broker
 * (back-pressure by TCP). Calls `onAcknowledged` with packet identifiers directly before their PUBACKs are written, in the same turn.
 */
export const useManualAcks = (
  client: MqttClient,
  onPublish: (publish: IncomingPublish) => Promise<void> | undefined,
  onAcknowledged: (messageIds: readonly number[]) => void,
): ManualAcks => {
  /** The current QoS 1 packet. mqtt.js calls `handleMessage` with it right after the event, in the same turn. */
  let current: { readonly packet: Packet; readonly messageId: number } | undefined;
  let queue = new AckQueue();
  let stream = client.stream;
  /** Packet identifiers of the current connection that can be acknowledged now. */
  let ready: number[] = [];

  client.on("packetreceive", (packet: Packet) => {
    if (packet.cmd === "connack") {
      queue = new AckQueue();
      stream = client.stream;
      ready = [];
    }
    if (packet.cmd !== "publish" || packet.qos !== 1 || packet.messageId === undefined) return;
    current = { packet, messageId: packet.messageId };
    packet.qos = 0;
  });

  const writePubacks = (): void => {
    const messageIds = ready;
    ready = [];
    // An empty list: the connection has changed since.
    if (messageIds.length > 0 && client.connected) stream.write(toPubacks(messageIds));
  };

  /** Writes the PUBACKs of all messages that are acknowledged in this turn at once: a write costs more than a message. */
  const schedule = (messageIds: readonly number[]): void => {
    if (ready.length === 0) queueMicrotask(writePubacks);
    for (const messageId of messageIds) ready.push(messageId);
  };

  const toIncomingPublish = (packet: IPublishPacket): IncomingPublish => {
    const messageId = current?.packet === packet ? current.messageId : undefined;
    // A session without further messages would keep the last packet in memory.
    current = undefined;
    if (messageId === undefined) return { packet, messageId, acknowledge: () => undefined };
    const ownQueue = queue;
    const entry = ownQueue.add(messageId);
    const acknowledge = (): void => {
      const ready = ownQueue.complete(entry);
      if (ready.length === 0 || ownQueue !== queue) return;
      schedule(ready);
      onAcknowledged(ready);
    };
    return { packet, messageId, acknowledge };
  };

  client.handleMessage = (packet, done) => {
    const pause = onPublish(toIncomingPublish(packet));
    if (pause === undefined) done();
    else void pause.then(() => done());
  };
  return {
    get unacknowledged() {
      return queue.size;
    },
  };
};
