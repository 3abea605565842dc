/** Fakes of both sides of a live tail: the page and the broker. */
import { generate, parser, type IConnectPacket, type Packet } from "mqtt-packet";
import { vi } from "vitest";
import type { ReaderRecord } from "#contract/store/app-record.ts";
import { READER_USERNAME } from "#contract/wire/topics.ts";
import { createOpenTails } from "../../src/tail/open-tails.ts";
import { serveTail, type TailPorts } from "../../src/tail/serve-tail.ts";
import type { TailSocket } from "../../src/tail/socket-port.ts";

const V5 = { protocolVersion: 5 } as const;

export const decode = (bytes: Uint8Array): Packet => {
  let packet: Packet | undefined;
  const packetParser = parser(V5);
  packetParser.on("packet", (each) => (packet = each));
  packetParser.parse(Buffer.from(bytes));
  if (packet === undefined) throw new Error("no packet");
  return packet;
};

/** A WebSocket whose other side is the test. */
export class FakeSocket implements TailSocket {
  readonly sent: Uint8Array[] = [];
  closed: readonly [code: number, reason: string] | undefined;
  readonly #listeners: [type: string, listener: (event: { data: unknown }) => void][] = [];

  send(message: Uint8Array): void {
    this.sent.push(message);
  }
  close(code: number, reason: string): void {
    this.closed = [code, reason];
  }
  addEventListener(type: string, listener: (event: { data: unknown }) => void): void {
    this.#listeners.push([type, listener]);
  }
  emit(type: string, data?: unknown): void {
    for (const [each, listener] of this.#listeners) if (each === type) listener({ data });
  }
  /** Delivers a message of the other side. */
  receive(packet: Packet | Uint8Array): void {
    const bytes = packet instanceof Uint8Array ? packet : generate(packet, V5);
    this.emit("message", new Uint8Array(bytes).buffer);
  }
  get last(): Packet {
    return decode(this.sent.at(-1) ?? new Uint8Array());
  }
}

export const READER: ReaderRecord = { apps: ["shop"] };
const TOKEN = "elr_of-the-reader";

export const publish = (bytes: number): Uint8Array =>
  generate({ cmd: "publish", topic: "logs/shop/c", payload: "x".repeat(bytes), qos: 0, dup: false, retain: false }, V5);

export const CONNECT: IConnectPacket = {
  cmd: "connect",
  protocolId: "MQTT",
  protocolVersion: 5,
  clean: true,
  clientId: "page",
  keepalive: 60,
  username: READER_USERNAME,
  password: Buffer.from(TOKEN),
};

export const start = (ports: Partial<TailPorts> = {}) => {
  const [page, broker] = [new FakeSocket(), new FakeSocket()];
  serveTail(page, {
    findReader: async (token) => (token === TOKEN ? READER : undefined),
    isRateLimited: async () => false,
    openTails: createOpenTails(),
    openBroker: async () => broker,
    password: "the password of _tail",
    ...ports,
  });
  return { page, broker };
};

/** Starts a tail and connects both sides. */
export const open = async (ports: Partial<TailPorts> = {}) => {
  const sides = start(ports);
  sides.page.receive(CONNECT);
  await vi.advanceTimersByTimeAsync(0);
  sides.broker.receive({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
  return sides;
};

export const subscribe = (...topics: string[]): Packet => ({
  cmd: "subscribe",
  messageId: 7,
  subscriptions: topics.map((topic) => ({ topic, qos: 0 as const })),
});
