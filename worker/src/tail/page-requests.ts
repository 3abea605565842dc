/**
 * Parses and authorizes the packets of a client. Pure. Throws a {@link TailError} for a request that is not allowed.
 */
import type { ReaderRecord } from "../access/apps.ts";
import { MAX_PACKET_BYTES } from "#contract/wire/limits.ts";
import { appOfTailFilter, READER_USERNAME } from "#contract/wire/topics.ts";
import { TailError } from "./close-reasons.ts";
import { parsePacket } from "./packets.ts";

export interface TailLogin {
  readonly token: string;
  /** The client's Maximum Packet Size in bytes, limited to that of the project. */
  readonly maxPacketBytes: number;
}

/** Parses the client's CONNECT. */
export const parseLogin = (bytes: Uint8Array): TailLogin => {
  const packet = parsePacket(bytes);
  if (packet?.cmd !== "connect") throw new TailError("malformed_packet");
  if (packet.protocolVersion !== 5) throw new TailError("unsupported_version");
  const { username, password, will, properties } = packet;
  if (will !== undefined) throw new TailError("not_authorized");
  if (username !== READER_USERNAME || password === undefined) throw new TailError("invalid_credentials");
  const { maximumPacketSize = MAX_PACKET_BYTES } = properties ?? {};
  return { token: password.toString(), maxPacketBytes: Math.min(maximumPacketSize, MAX_PACKET_BYTES) };
};

export type TailRequest =
  | { readonly kind: "ping" | "disconnect" }
  | { readonly kind: "acknowledge"; readonly messageId: number }
  | { readonly kind: "subscribe" | "unsubscribe"; readonly messageId: number; readonly topics: readonly string[] };

/** Parses a packet that the client sent after CONNECT. */
export const parseTailRequest = (bytes: Uint8Array, { apps }: ReaderRecord): TailRequest => {
  const packet = parsePacket(bytes);
  if (packet === undefined) throw new TailError("malformed_packet");
  const { messageId = 0 } = packet;
  const assertReadable = (topics: readonly string[]): void => {
    const requested = topics.map(appOfTailFilter);
    if (!requested.every((app) => app !== undefined && apps.includes(app))) throw new TailError("not_authorized");
  };
  switch (packet.cmd) {
    case "pingreq":
      return { kind: "ping" };
    case "disconnect":
      return { kind: "disconnect" };
    case "puback":
      return { kind: "acknowledge", messageId };
    case "subscribe": {
      const topics = packet.subscriptions.map(({ topic }) => topic);
      assertReadable(topics);
      // With QoS 1 the broker would queue messages for a client that may never read them.
      if (packet.subscriptions.some(({ qos }) => qos !== 0)) throw new TailError("not_authorized");
      return { kind: "subscribe", messageId, topics };
    }
    case "unsubscribe":
      assertReadable(packet.unsubscriptions);
      return { kind: "unsubscribe", messageId, topics: packet.unsubscriptions };
    case "publish":
      throw new TailError("not_authorized");
    case "connect":
    case "connack":
    case "pubrec":
    case "pubrel":
    case "pubcomp":
    case "suback":
    case "unsuback":
    case "pingresp":
    case "auth":
      throw new TailError("protocol_error");
  }
};
