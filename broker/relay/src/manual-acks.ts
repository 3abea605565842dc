/**
 * Makes mqtt.js leave the PUBACK of incoming QoS 1 messages to us.
 *
 * mqtt.js takes packets one at a time and would hold message n+1 back until n is acknowledged, which forbids batches.
 * On its documented `packetreceive` event we note the packet's id and lower its QoS to 0, so that it neither waits nor
 * acknowledges; the PUBACK is written by {@link DeferredAcks.acknowledge}, in the order of arrival.
 *
 * Must not: acknowledge on a connection other than the one that a message came by. The broker delivers again there.
 */
import type { IPublishPacket, MqttClient, Packet } from "mqtt";
import { AckLedger } from "./ack-queue.ts";

/** A PUBLISH with what the broker needs to hear of it; `acknowledge` is a no-op for QoS 0. */
export interface Arrival {
  readonly packet: IPublishPacket;
  /** Packet identifier; `undefined` for QoS 0. */
  readonly messageId: number | undefined;
  readonly acknowledge: () => void;
}

const PUBACK = 0x40;
const REMAINING_BYTES = 2;

/** PUBACK packets with reason code 0, which MQTT 5 lets be left out [MQTT-3.4.2.1]. */
const toPubacks = (messageIds: readonly number[]): Buffer => {
  const buffer = Buffer.allocUnsafe(messageIds.length * 4);
  for (const [i, messageId] of messageIds.entries()) {
    buffer.writeUInt8(PUBACK, i * 4);
    buffer.writeUInt8(REMAINING_BYTES, i * 4 + 1);
    buffer.writeUInt16BE(messageId, i * 4 + 2);
  }
  return buffer;
};

export interface DeferredAcks {
  /** Messages of this connection that the broker waits for an acknowledgement of. */
  readonly unacknowledged: number;
}

/**
 * Hands each arrival to `onArrival`. While the promise that it returns is pending nothing more is read from the
 * broker: back-pressure by TCP.
 */
export const deferAcks = (
  client: MqttClient,
  onArrival: (arrival: Arrival) => Promise<void> | undefined,
): DeferredAcks => {
  /** The QoS 1 packet in hand: mqtt.js calls handleMessage with it right after the event, in the same turn. */
  let inHand: { readonly packet: Packet; readonly messageId: number } | undefined;
  let ledger = new AckLedger();
  let stream = client.stream;

  client.on("packetreceive", (packet: Packet) => {
    if (packet.cmd === "connack") {
      ledger = new AckLedger();
      stream = client.stream;
    }
    if (packet.cmd !== "publish" || packet.qos !== 1 || packet.messageId === undefined) return;
    inHand = { packet, messageId: packet.messageId };
    packet.qos = 0;
  });

  const toArrival = (packet: IPublishPacket): Arrival => {
    const messageId = inHand?.packet === packet ? inHand.messageId : undefined;
    if (messageId === undefined) return { packet, messageId, acknowledge: () => undefined };
    const [ownLedger, ownStream] = [ledger, stream];
    const entry = ownLedger.add(messageId);
    const acknowledge = (): void => {
      const ready = ownLedger.complete(entry);
      if (ready.length > 0 && ownLedger === ledger && client.connected) ownStream.write(toPubacks(ready));
    };
    return { packet, messageId, acknowledge };
  };

  client.handleMessage = (packet, done) => {
    const pause = onArrival(toArrival(packet));
    if (pause === undefined) done();
    else void pause.then(() => done());
  };
  return {
    get unacknowledged() {
      return ledger.size;
    },
  };
};
