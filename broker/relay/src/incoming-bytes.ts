/**
 * Counts the bytes that one connection has received and not handled, and stops reading while it has no permit for a large packet.
 */
import type { MqttClient, Packet } from "mqtt";
import { MAX_SMALL_BYTES, type LargePackets } from "./large-packets.ts";

export interface IncomingBytes {
  /** True while nothing is read because there is no permit. */
  readonly isWaiting: boolean;
  /** Call it for each packet when mqtt.js starts to handle it. */
  countPacket(packet: Packet): void;
  /** Call it when the connection stops handling packets. It needs no permit then, because it reads no further. */
  holdBack(): void;
  /** Call it when the connection handles packets again. */
  proceed(): void;
}

/** Size of a packet with its header: a type and the remaining length, which is a variable byte integer. MQTT 5, section 1.5.5. */
const sizeOf = ({ length = 0 }: Packet): number =>
  length + (length < 0x80 ? 2 : length < 0x40_00 ? 3 : length < 0x20_00_00 ? 4 : 5);

export const limitIncomingBytes = (client: MqttClient, largePackets: LargePackets): IncomingBytes => {
  let bytes = 0;
  let isHeldBack = false;
  let state: "small" | "waiting" | "permitted" = "small";
  let { stream } = client;

  const onPermit = (): void => {
    state = "permitted";
    stream.resume();
  };

  const endLarge = (): void => {
    const previous = state;
    state = "small";
    if (previous === "permitted") largePackets.release();
    if (previous !== "waiting") return;
    largePackets.cancel(onPermit);
    stream.resume();
  };

  const endIfSmall = (): void => {
    if (bytes <= MAX_SMALL_BYTES) endLarge();
  };

  const handleData = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes <= MAX_SMALL_BYTES || state !== "small" || isHeldBack) return;
    state = largePackets.request(onPermit) ? "permitted" : "waiting";
    if (state === "waiting") stream.pause();
  };

  const startConnection = (): void => {
    stream = client.stream;
    stream.on("data", handleData);
    // mqtt.js has piped the stream, and a pipe resumes its source whenever the destination can take more.
    stream.on("resume", () => {
      if (state === "waiting") stream.pause();
    });
  };

  client.on("close", () => {
    bytes = 0;
    isHeldBack = false;
    endLarge();
  });

  return {
    get isWaiting() {
      return state === "waiting";
    },
    countPacket(packet) {
      if (packet.cmd === "connack") startConnection();
      // The packets that arrived together with CONNACK are not counted.
      bytes = Math.max(0, bytes - sizeOf(packet));
      // After the packet is handled: the limit of held messages counts it then.
      if (state !== "small" && bytes <= MAX_SMALL_BYTES) queueMicrotask(endIfSmall);
    },
    holdBack() {
      isHeldBack = true;
      endLarge();
    },
    proceed() {
      isHeldBack = false;
    },
  };
};
