/**
 * Serves one live tail: the MQTT connection of a client, usually a page, and a connection to the broker as its user `_tail`.
 * The broker has no accounts for readers, so requests are authorized here, and new packets are written for the broker. Messages are
 * forwarded unchanged; if the client reads too slowly, some are skipped and counted.
 */
import { MAX_PACKET_BYTES, MAX_TAIL_FILTERS, MAX_TAIL_REQUEST_BYTES } from "#contract/wire/limits.ts";
import type { ReaderRecord } from "../access/apps.ts";
import { logWarning } from "../logger.ts";
import { CLOSE_REASONS, TailError, toCloseReason, type CloseReason } from "./close-reasons.ts";
import { PacketFramer } from "./packet-framer.ts";
import {
  PACKET_TYPES,
  PINGREQ,
  PINGRESP,
  parsePacket,
  typeOf,
  writeConnack,
  writeConnect,
  writeDisconnect,
  writeRefusal,
  writeSubscribe,
  writeUnsubscribe,
} from "./packets.ts";
import { parseLogin, parseTailRequest, type TailLogin } from "./page-requests.ts";
import { PageSender } from "./page-sender.ts";
import type { OpenTail, OpenTails } from "./open-tails.ts";
import type { TailSocket } from "./socket-port.ts";
import { watchToken } from "./watch-token.ts";

/** Time limit for connecting both sides. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Timers of hidden tabs run once a minute. */
const CLIENT_KEEPALIVE_SECONDS = 60;
/** One and a half keep-alive intervals (MQTT 5.0, 3.1.2.10). */
const CLIENT_IDLE_TIMEOUT_MS = CLIENT_KEEPALIVE_SECONDS * 1_500;
/**
 * The broker sends PINGRESP after all messages queued for this tail. A PINGRESP that has not arrived by the next ping means
 * that the tail is no longer live. Closing it also discards its queue in the broker, which has no other limit.
 */
const HEARTBEAT_MS = 5_000;
const BROKER_KEEPALIVE_SECONDS = 30;

export interface TailPorts {
  /** The record of a token; `undefined` if it is unknown or expired. Called again once a minute. */
  readonly findReader: (token: string) => Promise<ReaderRecord | undefined>;
  /** Whether this token has opened too many tails recently. */
  readonly isRateLimited: (token: string) => Promise<boolean>;
  readonly openTails: OpenTails;
  /** An open WebSocket to the broker; `undefined` if the broker is unavailable. */
  readonly openBroker: () => Promise<TailSocket | undefined>;
  /** Password of the broker's user `_tail`. Without it every tail closes with `broker_unavailable`. */
  readonly password: string | undefined;
}

const NO_READER: ReaderRecord = { apps: [] };

const toBytes = (data: unknown): Uint8Array => {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TailError("malformed_packet");
};

/** Serves `client` until one side closes. Never throws. */
export const serveTail = (client: TailSocket, ports: TailPorts): void => {
  const clientFramer = new PacketFramer(MAX_TAIL_REQUEST_BYTES);
  const brokerFramer = new PacketFramer(MAX_PACKET_BYTES);
  const sender = new PageSender((packet) => client.send(packet));
  const filters = new Set<string>();
  let state: "new" | "opening" | "open" | "closed" = "new";
  let reader = NO_READER;
  let broker: TailSocket | undefined;
  let lastPacketMs = Date.now();
  let hasBrokerResponded = true;
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  let unwatchToken: (() => void) | undefined;
  let openTail: OpenTail | undefined;

  const ignoreErrors = (action: () => void): void => {
    try {
      action();
    } catch {
      // The other side has already closed the WebSocket.
    }
  };
  /** @param reason Sent to the client; `undefined` if the client closed the connection. */
  const close = (reason?: CloseReason): void => {
    if (state === "closed") return;
    const write = state === "open" ? writeDisconnect : writeRefusal;
    state = "closed";
    clearTimeout(deadline);
    clearInterval(heartbeat);
    unwatchToken?.();
    openTail?.end();
    if (reason !== undefined) ignoreErrors(() => client.send(write(CLOSE_REASONS[reason].mqtt, reason)));
    ignoreErrors(() => client.close(reason === undefined ? 1000 : CLOSE_REASONS[reason].webSocket, reason ?? ""));
    // The session expires with the connection.
    ignoreErrors(() => broker?.close(1000, ""));
  };
  const deadline = setTimeout(() => close("timed_out"), CONNECT_TIMEOUT_MS);

  const fail = (error: unknown, fallback: CloseReason): void => {
    const reason = toCloseReason(error);
    if (reason === undefined && state !== "closed")
      logWarning("a live tail failed", { error: String(error).slice(0, 300) });
    close(reason ?? fallback);
  };
  /** Handles the packets in `data`. An error closes the tail. */
  const handleData = (framer: PacketFramer, data: unknown, onPacket: (packet: Uint8Array) => void): void => {
    try {
      for (const packet of framer.push(toBytes(data))) if (state !== "closed") onPacket(packet);
    } catch (error) {
      fail(error, "protocol_error");
    }
  };

  const respond = (packet: Uint8Array): void => {
    if (!sender.respond(packet)) throw new TailError("too_slow");
  };

  const checkLiveness = (): void => {
    if (Date.now() - lastPacketMs > CLIENT_IDLE_TIMEOUT_MS) return close("timed_out");
    if (!hasBrokerResponded) return close("behind");
    openTail?.renew();
    hasBrokerResponded = false;
    ignoreErrors(() => broker?.send(PINGREQ));
  };

  const onBrokerConnack = (bytes: Uint8Array): void => {
    const packet = parsePacket(bytes);
    if (packet?.cmd !== "connack" || packet.reasonCode !== 0) {
      logWarning("the broker refused a live tail; check that TAIL_PASSWORD is the password of its user _tail");
      throw new TailError("broker_unavailable");
    }
    clearTimeout(deadline);
    state = "open";
    respond(writeConnack({ serverKeepAlive: CLIENT_KEEPALIVE_SECONDS, maximumPacketSize: MAX_TAIL_REQUEST_BYTES }));
    heartbeat = setInterval(checkLiveness, HEARTBEAT_MS);
  };

  const onBrokerPacket = (packet: Uint8Array): void => {
    if (state === "opening") return onBrokerConnack(packet);
    switch (typeOf(packet)) {
      case PACKET_TYPES.publish:
        return sender.publish(packet);
      case PACKET_TYPES.suback:
      case PACKET_TYPES.unsuback:
        return respond(packet);
      case PACKET_TYPES.pingresp:
        hasBrokerResponded = true;
        return undefined;
      default:
        throw new TailError("broker_unavailable");
    }
  };

  const open = async ({ token, maxPacketBytes }: TailLogin): Promise<void> => {
    if (await ports.isRateLimited(token)) throw new TailError("rate_limited");
    const record = await ports.findReader(token);
    if (record === undefined) throw new TailError("invalid_credentials");
    openTail = ports.openTails.open(token);
    if (openTail === undefined) throw new TailError("rate_limited");
    const { password } = ports;
    const socket = password === undefined ? undefined : await ports.openBroker();
    if (password === undefined || socket === undefined) {
      openTail.end();
      throw new TailError("broker_unavailable");
    }
    // The client may have disconnected in the meantime.
    if (state === "closed") {
      openTail.end();
      return socket.close(1000, "");
    }
    reader = record;
    broker = socket;
    socket.addEventListener("message", ({ data }) => handleData(brokerFramer, data, onBrokerPacket));
    socket.addEventListener("close", () => close("broker_unavailable"));
    socket.addEventListener("error", () => close("broker_unavailable"));
    socket.send(writeConnect(password, BROKER_KEEPALIVE_SECONDS, maxPacketBytes));
    unwatchToken = watchToken({ reader, findReader: () => ports.findReader(token), onInvalid: close });
  };

  const onClientPacket = (packet: Uint8Array): void => {
    if (state === "new") {
      state = "opening";
      open(parseLogin(packet)).catch((error: unknown) => fail(error, "broker_unavailable"));
      return;
    }
    // Packets before the CONNACK are refused, so that none have to be buffered.
    if (state === "opening") throw new TailError("protocol_error");
    const request = parseTailRequest(packet, reader);
    switch (request.kind) {
      case "ping":
        return respond(PINGRESP);
      case "disconnect":
        return close();
      case "acknowledge":
        if (!sender.acknowledge(request.messageId)) throw new TailError("protocol_error");
        return undefined;
      case "subscribe":
        for (const topic of request.topics) filters.add(topic);
        if (filters.size > MAX_TAIL_FILTERS) throw new TailError("too_many_filters");
        return broker?.send(writeSubscribe(request.messageId, request.topics));
      case "unsubscribe":
        for (const topic of request.topics) filters.delete(topic);
        return broker?.send(writeUnsubscribe(request.messageId, request.topics));
    }
  };

  client.addEventListener("message", ({ data }) => {
    lastPacketMs = Date.now();
    handleData(clientFramer, data, onClientPacket);
  });
  client.addEventListener("close", () => close());
  client.addEventListener("error", () => close());
};
