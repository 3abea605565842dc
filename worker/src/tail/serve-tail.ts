/**
 * One live tail: a page's MQTT connection on one side, one to the broker as `_tail` on the other. The broker knows no
 * readers, so what a page may do is decided here: subscribe to its apps' logs with QoS 0, ping, leave. Nothing that a page
 * writes reaches the broker as it came. Messages pass as they are, within what the page reads.
 */
import { MAX_TAIL_FILTERS, MAX_TAIL_REQUEST_BYTES } from "../../../contract/limits.ts";
import { appOfTailFilter, READER_USERNAME } from "../../../contract/topics.ts";
import type { ReaderRecord } from "../apps.ts";
import { logTrouble } from "../logger.ts";
import { ENDINGS, type EndReason } from "./endings.ts";
import { Outflow } from "./outflow.ts";
import { FramingError, PacketFramer } from "./packet-framer.ts";
import {
  MAX_BROKER_PACKET_BYTES,
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

/** How long CONNECT may take, the broker's answer to ours included. */
const CONNECT_DEADLINE_MS = 10_000;
/** Timers of hidden tabs run once a minute. */
const PAGE_KEEPALIVE_SECONDS = 60;
const PAGE_SILENCE_MS = PAGE_KEEPALIVE_SECONDS * 1_500;
/** The broker's answer comes behind all that waits for us there: without it by the next one, too much does. */
const HEARTBEAT_MS = 10_000;
const BROKER_KEEPALIVE_SECONDS = 30;
/** How often the token is looked at again; KV's own cache holds for as long. */
const RECHECK_MS = 60_000;
/** The longest that a timer can wait. */
const MAX_TIMER_MS = 0x7f_ff_ff_ff;

/** A WebSocket, as narrow as it is used. */
export type TailSocket = Pick<WebSocket, "send" | "close" | "addEventListener">;

export interface TailPorts {
  /** What the holder of the token may read, or why it may not. Called again while the tail lasts. */
  readonly findReader: (token: string) => Promise<ReaderRecord | undefined>;
  /** Whether one more tail of this token is one too many. */
  readonly isTooOften: (token: string) => Promise<boolean>;
  /** A WebSocket to the broker, accepted; `undefined` when there is none. */
  readonly openBroker: () => Promise<TailSocket | undefined>;
  /** Of the broker's user `_tail`; without one there are no tails. */
  readonly password: string | undefined;
}

/** An end that the page is told the reason of. */
class TailEnd extends Error {
  override readonly name = "TailEnd";
  readonly reason: EndReason;

  constructor(reason: EndReason) {
    super(reason);
    this.reason = reason;
  }
}

const toReason = (error: unknown): EndReason | undefined =>
  error instanceof TailEnd || error instanceof FramingError ? error.reason : undefined;

/** Serves `page`, which is accepted, until one side ends. Never throws. */
export const serveTail = (page: TailSocket, ports: TailPorts): void => {
  const pageFramer = new PacketFramer(MAX_TAIL_REQUEST_BYTES);
  const outflow = new Outflow((packet) => page.send(packet));
  const filters = new Set<string>();
  let state: "new" | "opening" | "open" | "ended" = "new";
  let reader: ReaderRecord | undefined;
  let broker: TailSocket | undefined;
  let lastHeardMs = Date.now();
  let hasBrokerAnswered = true;
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  let recheck: ReturnType<typeof setInterval> | undefined;
  let expiry: ReturnType<typeof setTimeout> | undefined;

  const quietly = (act: () => void): void => {
    try {
      act();
    } catch {
      // The other side was faster: a WebSocket that is closed takes nothing more.
    }
  };
  /** `reason`: what the page is told; without one it left by itself. */
  const end = (reason?: EndReason): void => {
    if (state === "ended") return;
    const wasOpen = state === "open";
    state = "ended";
    clearTimeout(deadline);
    clearTimeout(expiry);
    clearInterval(heartbeat);
    clearInterval(recheck);
    if (reason !== undefined) {
      const { mqtt } = ENDINGS[reason];
      quietly(() => page.send(wasOpen ? writeDisconnect(mqtt, reason) : writeRefusal(mqtt, reason)));
    }
    quietly(() => page.close(reason === undefined ? 1000 : ENDINGS[reason].webSocket, reason ?? ""));
    // The broker drops a session of this kind with its connection.
    quietly(() => broker?.close(1000, ""));
  };
  const deadline = setTimeout(() => end("timed_out"), CONNECT_DEADLINE_MS);

  /** Runs one step; what it throws ends the tail. */
  const step = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      const reason = toReason(error);
      if (reason === undefined) logTrouble("a tail failed", { error: (error as Error).name });
      end(reason ?? "protocol_error");
    }
  };

  const answer = (packet: Uint8Array): void => {
    if (!outflow.answer(packet)) throw new TailEnd("too_slow");
  };

  const onBrokerOpen = (packet: Uint8Array): void => {
    const read = readPacket(packet);
    if (read?.cmd !== "connack" || read.reasonCode !== 0) {
      logTrouble("the broker refused a tail: is TAIL_PASSWORD that of its user _tail?");
      throw new TailEnd("broker_unavailable");
    }
    clearTimeout(deadline);
    state = "open";
    answer(writeConnack({ serverKeepAlive: PAGE_KEEPALIVE_SECONDS, maximumPacketSize: MAX_TAIL_REQUEST_BYTES }));
    heartbeat = setInterval(() => {
      if (Date.now() - lastHeardMs > PAGE_SILENCE_MS) return end("timed_out");
      if (!hasBrokerAnswered) return end("broker_unavailable");
      hasBrokerAnswered = false;
      step(() => broker?.send(PINGREQ));
    }, HEARTBEAT_MS);
  };

  const onBrokerPacket = (packet: Uint8Array): void => {
    if (state === "opening") return onBrokerOpen(packet);
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

  const watchToken = (token: string, { expiresAt }: ReaderRecord): void => {
    const expire = (): void => {
      const leftMs = expiresAt === undefined ? MAX_TIMER_MS : Date.parse(expiresAt) - Date.now();
      if (leftMs <= 0) end("token_expired");
      else expiry = setTimeout(expire, Math.min(leftMs, MAX_TIMER_MS));
    };
    expire();
    recheck = setInterval(() => {
      ports.findReader(token).then(
        (now) => {
          const hasAll = now !== undefined && reader?.apps.every((app) => now.apps.includes(app)) === true;
          if (!hasAll) end("token_revoked");
        },
        // Not to be known is no revocation; the expiry holds in any case.
        () => logTrouble("a tail's token could not be looked up again"),
      );
    }, RECHECK_MS);
  };

  const open = async (token: string, maximumPacketSize: number): Promise<void> => {
    if (await ports.isTooOften(token)) throw new TailEnd("rate_limited");
    reader = await ports.findReader(token);
    if (reader === undefined) throw new TailEnd("invalid_credentials");
    const { password } = ports;
    const socket = password === undefined ? undefined : await ports.openBroker();
    if (password === undefined || socket === undefined) throw new TailEnd("broker_unavailable");
    broker = socket;
    // The page may have gone meanwhile.
    if (state === "ended") return quietly(() => socket.close(1000, ""));
    const framer = new PacketFramer(MAX_BROKER_PACKET_BYTES);
    socket.addEventListener("message", ({ data }) => {
      step(() => {
        if (typeof data === "string") throw new TailEnd("broker_unavailable");
        for (const packet of framer.push(new Uint8Array(data))) if (state !== "ended") onBrokerPacket(packet);
      });
    });
    socket.addEventListener("close", () => end("broker_unavailable"));
    socket.addEventListener("error", () => end("broker_unavailable"));
    socket.send(writeConnect(password, BROKER_KEEPALIVE_SECONDS, maximumPacketSize));
    watchToken(token, reader);
  };

  const onConnect = (packet: Uint8Array): void => {
    const connect = readPacket(packet);
    if (connect?.cmd !== "connect") throw new TailEnd("malformed_packet");
    if (connect.protocolVersion !== 5) throw new TailEnd("unsupported_version");
    const { username, password, will, properties } = connect;
    if (will !== undefined) throw new TailEnd("not_authorized");
    if (username !== READER_USERNAME || password === undefined) throw new TailEnd("invalid_credentials");
    const { maximumPacketSize = MAX_BROKER_PACKET_BYTES } = properties ?? {};
    state = "opening";
    open(password.toString(), Math.min(maximumPacketSize, MAX_BROKER_PACKET_BYTES)).catch((error: unknown) => {
      if (toReason(error) === undefined) logTrouble("a tail could not be opened", { error: (error as Error).name });
      end(toReason(error) ?? "broker_unavailable");
    });
  };

  const assertReadable = (topic: string): void => {
    const app = appOfTailFilter(topic);
    if (app === undefined || reader?.apps.includes(app) !== true) throw new TailEnd("not_authorized");
  };

  const onPagePacket = (bytes: Uint8Array): void => {
    if (state === "new") return onConnect(bytes);
    const packet = readPacket(bytes);
    if (packet === undefined) throw new TailEnd("malformed_packet");
    switch (packet.cmd) {
      case "pingreq":
        return answer(PINGRESP);
      case "puback":
        if (!outflow.acknowledge(packet.messageId ?? 0)) throw new TailEnd("protocol_error");
        return undefined;
      case "subscribe": {
        for (const { topic, qos } of packet.subscriptions) {
          assertReadable(topic);
          if (qos !== 0) throw new TailEnd("not_authorized");
          filters.add(topic);
        }
        if (filters.size > MAX_TAIL_FILTERS) throw new TailEnd("too_many_filters");
        const topics = packet.subscriptions.map(({ topic }) => topic);
        return broker?.send(writeSubscribe(packet.messageId ?? 0, topics));
      }
      case "unsubscribe":
        for (const topic of packet.unsubscriptions) {
          assertReadable(topic);
          filters.delete(topic);
        }
        return broker?.send(writeUnsubscribe(packet.messageId ?? 0, packet.unsubscriptions));
      case "disconnect":
        return end();
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

  page.addEventListener("message", ({ data }) => {
    lastHeardMs = Date.now();
    step(() => {
      if (typeof data === "string") throw new TailEnd("malformed_packet");
      for (const packet of pageFramer.push(new Uint8Array(data))) {
        // Before it has its CONNACK a page has nothing to say; waiting for it bounds what is held.
        if (state === "opening") throw new TailEnd("protocol_error");
        if (state !== "ended") onPagePacket(packet);
      }
    });
  });
  page.addEventListener("close", () => end());
  page.addEventListener("error", () => end());
};
