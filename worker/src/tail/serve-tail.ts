/**
 * One live tail: a page's MQTT connection on one side, one to the broker as `_tail` on the other. The broker knows no
 * readers, so what a page may do is decided here, and nothing that it writes reaches the broker as it came. Messages pass
 * as they are, as many as the page reads.
 */
import { MAX_PACKET_BYTES, MAX_TAIL_FILTERS, MAX_TAIL_REQUEST_BYTES } from "#contract/wire/limits.ts";
import type { ReaderRecord } from "../access/apps.ts";
import { logWarning } from "../logger.ts";
import { ENDINGS, TailEnd, toEndReason, type EndReason } from "./endings.ts";
import { Outflow } from "./outflow.ts";
import { PacketFramer } from "./packet-framer.ts";
import {
  PACKET_TYPES,
  PINGREQ,
  PINGRESP,
  readPacket,
  typeOf,
  writeConnack,
  writeConnect,
  writeDisconnect,
  writeRefusal,
  writeSubscribe,
  writeUnsubscribe,
} from "./packets.ts";
import { readLogin, readRequest, type TailLogin } from "./read-request.ts";
import { watchToken } from "./watch-token.ts";

/** How long it may take until both sides are connected. */
const CONNECT_DEADLINE_MS = 10_000;
/** Timers of hidden tabs run once a minute. */
const PAGE_KEEPALIVE_SECONDS = 60;
const PAGE_SILENCE_MS = PAGE_KEEPALIVE_SECONDS * 1_500;
/**
 * The broker's answer to a ping comes behind all that waits for this tail there. Without it by the next ping the tail is no
 * longer live, and its queue in the broker, which nothing else bounds, goes with the connection.
 */
const HEARTBEAT_MS = 5_000;
const BROKER_KEEPALIVE_SECONDS = 30;

/** A WebSocket that is accepted, as narrow as it is used. Its binary messages are ArrayBuffers. */
export interface TailSocket {
  send(message: Uint8Array): void;
  close(code: number, reason: string): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close" | "error", listener: () => void): void;
}

export interface TailPorts {
  /** What the holder of the token may read; asked again while the tail lasts. */
  readonly findReader: (token: string) => Promise<ReaderRecord | undefined>;
  /** Whether one more tail of this token is one too many. */
  readonly isRateLimited: (token: string) => Promise<boolean>;
  /** `undefined` when the broker is not to be had. */
  readonly openBroker: () => Promise<TailSocket | undefined>;
  /** Of the broker's user `_tail`; without one there are no tails. */
  readonly password: string | undefined;
}

const NO_READER: ReaderRecord = { apps: [] };

const toBytes = (data: unknown): Uint8Array => {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TailEnd("malformed_packet");
};

/** Serves `page` until one side ends. Never throws. */
export const serveTail = (page: TailSocket, ports: TailPorts): void => {
  const pageFramer = new PacketFramer(MAX_TAIL_REQUEST_BYTES);
  const brokerFramer = new PacketFramer(MAX_PACKET_BYTES);
  const outflow = new Outflow((packet) => page.send(packet));
  const filters = new Set<string>();
  let state: "new" | "opening" | "open" | "ended" = "new";
  let reader = NO_READER;
  let broker: TailSocket | undefined;
  let heardMs = Date.now();
  let hasBrokerAnswered = true;
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  let unwatchToken: (() => void) | undefined;

  const quietly = (act: () => void): void => {
    try {
      act();
    } catch {
      // A WebSocket that its other side has closed takes nothing more.
    }
  };
  /** `reason`: what the page is told; without one it left by itself. */
  const end = (reason?: EndReason): void => {
    if (state === "ended") return;
    const write = state === "open" ? writeDisconnect : writeRefusal;
    state = "ended";
    clearTimeout(deadline);
    clearInterval(heartbeat);
    unwatchToken?.();
    if (reason !== undefined) quietly(() => page.send(write(ENDINGS[reason].mqtt, reason)));
    quietly(() => page.close(reason === undefined ? 1000 : ENDINGS[reason].webSocket, reason ?? ""));
    // The broker drops a session of this kind with its connection.
    quietly(() => broker?.close(1000, ""));
  };
  const deadline = setTimeout(() => end("timed_out"), CONNECT_DEADLINE_MS);

  const fail = (error: unknown, otherwise: EndReason): void => {
    const reason = toEndReason(error);
    if (reason === undefined && state !== "ended") logWarning("a tail failed", { error: String(error).slice(0, 300) });
    end(reason ?? otherwise);
  };
  /** Takes what one side sent, packet by packet; what that throws ends the tail. */
  const take = (framer: PacketFramer, data: unknown, onPacket: (packet: Uint8Array) => void): void => {
    try {
      for (const packet of framer.push(toBytes(data))) if (state !== "ended") onPacket(packet);
    } catch (error) {
      fail(error, "protocol_error");
    }
  };

  const answer = (packet: Uint8Array): void => {
    if (!outflow.answer(packet)) throw new TailEnd("too_slow");
  };

  const beat = (): void => {
    if (Date.now() - heardMs > PAGE_SILENCE_MS) return end("timed_out");
    if (!hasBrokerAnswered) return end("behind");
    hasBrokerAnswered = false;
    quietly(() => broker?.send(PINGREQ));
  };

  const onBrokerConnack = (bytes: Uint8Array): void => {
    const packet = readPacket(bytes);
    if (packet?.cmd !== "connack" || packet.reasonCode !== 0) {
      logWarning("the broker refuses tails: is TAIL_PASSWORD that of its user _tail?");
      throw new TailEnd("broker_unavailable");
    }
    clearTimeout(deadline);
    state = "open";
    answer(writeConnack({ serverKeepAlive: PAGE_KEEPALIVE_SECONDS, maximumPacketSize: MAX_TAIL_REQUEST_BYTES }));
    heartbeat = setInterval(beat, HEARTBEAT_MS);
  };

  const onBrokerPacket = (packet: Uint8Array): void => {
    if (state === "opening") return onBrokerConnack(packet);
    switch (typeOf(packet)) {
      case PACKET_TYPES.publish:
        return outflow.publish(packet);
      case PACKET_TYPES.suback:
      case PACKET_TYPES.unsuback:
        return answer(packet);
      case PACKET_TYPES.pingresp:
        hasBrokerAnswered = true;
        return undefined;
      default:
        throw new TailEnd("broker_unavailable");
    }
  };

  const open = async ({ token, maxPacketBytes }: TailLogin): Promise<void> => {
    if (await ports.isRateLimited(token)) throw new TailEnd("rate_limited");
    const found = await ports.findReader(token);
    if (found === undefined) throw new TailEnd("invalid_credentials");
    const { password } = ports;
    const socket = password === undefined ? undefined : await ports.openBroker();
    if (password === undefined || socket === undefined) throw new TailEnd("broker_unavailable");
    // The page may have gone meanwhile.
    if (state === "ended") return socket.close(1000, "");
    reader = found;
    broker = socket;
    socket.addEventListener("message", ({ data }) => take(brokerFramer, data, onBrokerPacket));
    socket.addEventListener("close", () => end("broker_unavailable"));
    socket.addEventListener("error", () => end("broker_unavailable"));
    socket.send(writeConnect(password, BROKER_KEEPALIVE_SECONDS, maxPacketBytes));
    unwatchToken = watchToken({ reader, findReader: () => ports.findReader(token), onEnd: end });
  };

  const onPagePacket = (packet: Uint8Array): void => {
    if (state === "new") {
      state = "opening";
      open(readLogin(packet)).catch((error: unknown) => fail(error, "broker_unavailable"));
      return;
    }
    // Before its CONNACK a page has nothing to say: so nothing has to be held for it.
    if (state === "opening") throw new TailEnd("protocol_error");
    const request = readRequest(packet, reader);
    switch (request.kind) {
      case "ping":
        return answer(PINGRESP);
      case "leave":
        return end();
      case "acknowledge":
        if (!outflow.acknowledge(request.messageId)) throw new TailEnd("protocol_error");
        return undefined;
      case "subscribe":
        for (const topic of request.topics) filters.add(topic);
        if (filters.size > MAX_TAIL_FILTERS) throw new TailEnd("too_many_filters");
        return broker?.send(writeSubscribe(request.messageId, request.topics));
      case "unsubscribe":
        for (const topic of request.topics) filters.delete(topic);
        return broker?.send(writeUnsubscribe(request.messageId, request.topics));
    }
  };

  page.addEventListener("message", ({ data }) => {
    heardMs = Date.now();
    take(pageFramer, data, onPagePacket);
  });
  page.addEventListener("close", () => end());
  page.addEventListener("error", () => end());
};
