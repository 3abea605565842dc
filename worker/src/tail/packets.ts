/**
 * The MQTT 5 packets that the Worker parses and writes itself. The only file that imports mqtt-packet.
 */
import { generate, parser, type IConnackPacket, type Packet } from "mqtt-packet";
import { TAIL_SKIPPED_TOPIC, TAIL_USERNAME } from "#contract/wire/topics.ts";

/** MQTT 5.0, 2.1.2: the upper four bits of a packet's first byte. */
export const PACKET_TYPES = { connack: 2, publish: 3, suback: 9, unsuback: 11, pingresp: 13, disconnect: 14 } as const;

export const typeOf = ([first = 0]: Uint8Array): number => first >> 4;

const write = (packet: Packet): Uint8Array => generate(packet, { protocolVersion: 5 });

/** `undefined` if the packet is malformed. `bytes` is one packet according to its fixed header. */
export const parsePacket = (bytes: Uint8Array): Packet | undefined => {
  let packet: Packet | undefined;
  const packetParser = parser({ protocolVersion: 5 });
  packetParser.on("packet", (parsed) => (packet = parsed));
  packetParser.on("error", () => undefined);
  try {
    packetParser.parse(Buffer.from(bytes));
  } catch {
    return undefined;
  }
  return packet;
};

/** The CONNECT of one tail to the broker. Its session ends with the connection. */
export const writeConnect = (password: string, keepaliveSeconds: number, maximumPacketSize: number): Uint8Array =>
  write({
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 5,
    clean: true,
    clientId: `tail-${crypto.randomUUID()}`,
    keepalive: keepaliveSeconds,
    username: TAIL_USERNAME,
    password: Buffer.from(password),
    properties: { sessionExpiryInterval: 0, maximumPacketSize },
  });

/** The CONNACK to the client, with the capabilities of a tail. */
export const writeConnack = (properties: NonNullable<IConnackPacket["properties"]>): Uint8Array =>
  write({
    cmd: "connack",
    sessionPresent: false,
    reasonCode: 0,
    properties: {
      sessionExpiryInterval: 0,
      maximumQoS: 0,
      retainAvailable: false,
      sharedSubscriptionAvailable: false,
      subscriptionIdentifiersAvailable: false,
      ...properties,
    },
  });

/** A CONNACK that refuses the connection. */
export const writeRefusal = (reasonCode: number, reasonString: string): Uint8Array =>
  write({ cmd: "connack", sessionPresent: false, reasonCode, properties: { reasonString } });

export const writeDisconnect = (reasonCode: number, reasonString: string): Uint8Array =>
  write({ cmd: "disconnect", reasonCode, properties: { reasonString } });

/** A SUBSCRIBE with our own options; the client's are ignored, so that its packets never reach the broker. */
export const writeSubscribe = (messageId: number, topics: readonly string[]): Uint8Array =>
  write({
    cmd: "subscribe",
    messageId,
    subscriptions: topics.map((topic) => ({ topic, qos: 0, nl: false, rap: false, rh: 0 })),
  });

export const writeUnsubscribe = (messageId: number, topics: readonly string[]): Uint8Array =>
  write({ cmd: "unsubscribe", messageId, unsubscriptions: [...topics] });

/** The number of messages skipped so far. See {@link TAIL_SKIPPED_TOPIC}. */
export const writeSkipped = (messageId: number, skipped: number): Uint8Array =>
  write({
    cmd: "publish",
    topic: TAIL_SKIPPED_TOPIC,
    messageId,
    qos: 1,
    dup: false,
    retain: false,
    payload: String(skipped),
  });

export const PINGREQ = Uint8Array.of(0xc0, 0);
export const PINGRESP = Uint8Array.of(0xd0, 0);
