/**
 * What a page asks of its tail, and whether it may. Pure; whatever is not allowed throws a {@link TailEnd}.
 */
import type { ReaderRecord } from "../access/apps.ts";
import { MAX_PACKET_BYTES } from "#contract/wire/limits.ts";
import { appOfTailFilter, READER_USERNAME } from "#contract/wire/topics.ts";
import { TailEnd } from "./endings.ts";
import { readPacket } from "./packets.ts";

export interface TailLogin {
  readonly token: string;
  /** The largest packet that the page takes. */
  readonly maxPacketBytes: number;
}

/** Reads the CONNECT of a page. */
export const readLogin = (bytes: Uint8Array): TailLogin => {
  const packet = readPacket(bytes);
  if (packet?.cmd !== "connect") throw new TailEnd("malformed_packet");
  if (packet.protocolVersion !== 5) throw new TailEnd("unsupported_version");
  const { username, password, will, properties } = packet;
  if (will !== undefined) throw new TailEnd("not_authorized");
  if (username !== READER_USERNAME || password === undefined) throw new TailEnd("invalid_credentials");
  const { maximumPacketSize = MAX_PACKET_BYTES } = properties ?? {};
  return { token: password.toString(), maxPacketBytes: Math.min(maximumPacketSize, MAX_PACKET_BYTES) };
};

export type TailRequest =
  | { readonly kind: "ping" | "leave" }
  | { readonly kind: "acknowledge"; readonly messageId: number }
  | { readonly kind: "subscribe" | "unsubscribe"; readonly messageId: number; readonly topics: readonly string[] };

/** Reads what a page that is connected sends. */
export const readRequest = (bytes: Uint8Array, { apps }: ReaderRecord): TailRequest => {
  const packet = readPacket(bytes);
  if (packet === undefined) throw new TailEnd("malformed_packet");
  const { messageId = 0 } = packet;
  const assertReadable = (topics: readonly string[]): void => {
    const wanted = topics.map(appOfTailFilter);
    if (!wanted.every((app) => app !== undefined && apps.includes(app))) throw new TailEnd("not_authorized");
  };
  switch (packet.cmd) {
    case "pingreq":
      return { kind: "ping" };
    case "disconnect":
      return { kind: "leave" };
    case "puback":
      return { kind: "acknowledge", messageId };
    case "subscribe": {
      const topics = packet.subscriptions.map(({ topic }) => topic);
      assertReadable(topics);
      // The broker would keep what QoS 1 has not delivered, for a page that may never read it.
      if (packet.subscriptions.some(({ qos }) => qos !== 0)) throw new TailEnd("not_authorized");
      return { kind: "subscribe", messageId, topics };
    }
    case "unsubscribe":
      assertReadable(packet.unsubscriptions);
      return { kind: "unsubscribe", messageId, topics: packet.unsubscriptions };
    case "publish":
      throw new TailEnd("not_authorized");
    case "connect":
    case "connack":
    case "pubrec":
    case "pubrel":
    case "pubcomp":
    case "suback":
    case "unsuback":
    case "pingresp":
    case "auth":
      throw new TailEnd("protocol_error");
  }
};
