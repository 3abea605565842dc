/** A live tail between a page and a broker of the test's making: what is let through, and what ends it. */
import { generate, parser, type Packet } from "mqtt-packet";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ReaderRecord } from "../../contract/app-record.ts";
import {
  MAX_MESSAGE_BYTES,
  MAX_TAIL_FILTERS,
  MAX_TAIL_REQUEST_BYTES,
  MAX_TAIL_UNREAD_BYTES,
} from "../../contract/limits.ts";
import { READER_USERNAME, TAIL_FLOW_TOPIC, TAIL_USERNAME } from "../../contract/topics.ts";
import { watchToken } from "../src/tail/watch-token.ts";
import { serveTail, type TailPorts, type TailSocket } from "../src/tail/serve-tail.ts";

const V5 = { protocolVersion: 5 } as const;

const read = (bytes: Uint8Array): Packet => {
  let packet: Packet | undefined;
  const reader = parser(V5);
  reader.on("packet", (each) => (packet = each));
  reader.parse(Buffer.from(bytes));
  if (packet === undefined) throw new Error("no packet");
  return packet;
};

/** The far side of a WebSocket that {@link serveTail} holds. */
class FakeSocket implements TailSocket {
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
  /** What the other side writes. */
  write(packet: Packet | Uint8Array): void {
    const bytes = packet instanceof Uint8Array ? packet : generate(packet, V5);
    this.emit("message", new Uint8Array(bytes).buffer);
  }
  get last(): Packet {
    return read(this.sent.at(-1) ?? new Uint8Array());
  }
}

const READER: ReaderRecord = { apps: ["shop"] };
const TOKEN = "elr_of-the-reader";

const publish = (bytes: number): Uint8Array =>
  generate({ cmd: "publish", topic: "logs/shop/c", payload: "x".repeat(bytes), qos: 0, dup: false, retain: false }, V5);

const CONNECT: Packet = {
  cmd: "connect",
  protocolId: "MQTT",
  protocolVersion: 5,
  clean: true,
  clientId: "page",
  keepalive: 60,
  username: READER_USERNAME,
  password: Buffer.from(TOKEN),
};

const start = (ports: Partial<TailPorts> = {}) => {
  const [page, broker] = [new FakeSocket(), new FakeSocket()];
  serveTail(page, {
    findReader: async (token) => (token === TOKEN ? READER : undefined),
    isTooOften: async () => false,
    openBroker: async () => broker,
    password: "the password of _tail",
    ...ports,
  });
  return { page, broker };
};

/** Both sides connected. */
const open = async (ports: Partial<TailPorts> = {}) => {
  const sides = start(ports);
  sides.page.write(CONNECT);
  await vi.advanceTimersByTimeAsync(0);
  sides.broker.write({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
  return sides;
};

const subscribe = (...topics: string[]): Packet => ({
  cmd: "subscribe",
  messageId: 7,
  subscriptions: topics.map((topic) => ({ topic, qos: 0 as const })),
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a tail", () => {
  it("connects as the Worker, with nothing of the page's", async () => {
    const { page, broker } = await open();
    const connect = broker.last;
    expect(connect).toMatchObject({ cmd: "connect", username: TAIL_USERNAME, clean: true, keepalive: 30 });
    expect(connect).toMatchObject({
      clientId: expect.stringMatching(/^tail-/),
      properties: { sessionExpiryInterval: 0 },
    });
    expect(JSON.stringify(connect)).not.toContain("page");
    expect(page.last).toMatchObject({ cmd: "connack", reasonCode: 0, properties: { maximumQoS: 0 } });
  });

  it("subscribes as it means it, whatever options came along", async () => {
    const { page, broker } = await open();
    page.write({
      cmd: "subscribe",
      messageId: 9,
      subscriptions: [{ topic: "logs/shop.2/+", qos: 0, rap: true, rh: 2 }],
      properties: { subscriptionIdentifier: 3 },
    });
    expect(broker.last).toMatchObject({
      cmd: "subscribe",
      messageId: 9,
      subscriptions: [{ topic: "logs/shop.2/+", qos: 0, rap: false, rh: 0 }],
    });
    expect(broker.last).not.toHaveProperty("properties.subscriptionIdentifier");
  });

  it("passes on messages as they are, however they were cut", async () => {
    const { page, broker } = await open();
    const bytes = publish(1_000);
    const three = Buffer.concat([bytes, bytes, bytes]);
    for (const cut of [1, 7, 1_500, three.length]) {
      for (let i = 0; i < three.length; i += cut) broker.write(three.subarray(i, i + cut));
      expect(page.sent.slice(-3).map((each) => Buffer.from(each).equals(bytes))).toEqual([true, true, true]);
    }
    expect(page.sent).toHaveLength(13);
  });

  it("answers a page's ping, and leaves with it", async () => {
    const { page, broker } = await open();
    page.write({ cmd: "pingreq" });
    expect(page.last.cmd).toBe("pingresp");
    page.write({ cmd: "disconnect" });
    expect([page.closed, broker.closed]).toEqual([
      [1000, ""],
      [1000, ""],
    ]);
  });
});

describe("what is not allowed ends it", () => {
  it.each<[string, number, number, Packet | Uint8Array]>([
    ["not_authorized", 0x87, 1008, subscribe("logs/other/+")],
    ["not_authorized", 0x87, 1008, subscribe("logs/shop/+", "#")],
    [
      "not_authorized",
      0x87,
      1008,
      { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "logs/shop/+", qos: 1 }] },
    ],
    ["not_authorized", 0x87, 1008, { cmd: "unsubscribe", messageId: 1, unsubscriptions: ["logs/other/+"] }],
    ["not_authorized", 0x87, 1008, publish(1)],
    ["protocol_error", 0x82, 1002, CONNECT],
    ["protocol_error", 0x82, 1002, { cmd: "puback", messageId: 1 }],
    ["protocol_error", 0x82, 1002, { cmd: "auth", reasonCode: 0 }],
    ["malformed_packet", 0x81, 1002, Uint8Array.of(0x80, 0)],
    ["malformed_packet", 0x81, 1002, Uint8Array.of(0xc0, 0xff, 0xff, 0xff, 0xff)],
    ["too_large", 0x95, 1009, Uint8Array.of(0x82, 0xff, 0xff, 0x7f)],
  ])("%s", async (reason, mqtt, webSocket, packet) => {
    const { page, broker } = await open();
    const asked = broker.sent.length;
    page.write(packet);
    expect(page.last).toMatchObject({ cmd: "disconnect", reasonCode: mqtt, properties: { reasonString: reason } });
    expect(page.closed).toEqual([webSocket, reason]);
    expect([broker.closed, broker.sent.length]).toEqual([[1000, ""], asked]);
  });

  it("too many filters", async () => {
    const { page } = await open();
    for (let n = 0; n <= MAX_TAIL_FILTERS; n += 1) page.write(subscribe(`logs/shop.${n + 1}/+`));
    expect(page.closed).toEqual([1008, "too_many_filters"]);
  });

  it("text", async () => {
    const { page } = await open();
    page.emit("message", "text");
    expect(page.closed).toEqual([1002, "malformed_packet"]);
  });
});

describe("who is not let in", () => {
  it.each<[string, number, Packet]>([
    ["invalid_credentials", 0x86, { ...CONNECT, username: "shop" }],
    ["invalid_credentials", 0x86, { ...CONNECT, password: Buffer.from("elk_of-an-app") }],
    ["not_authorized", 0x87, { ...CONNECT, will: { topic: "logs/shop/c", payload: "x" } }],
    ["malformed_packet", 0x81, { cmd: "pingreq" }],
  ])("%s", async (reason, code, packet) => {
    const { page, broker } = start();
    page.write(packet);
    await vi.advanceTimersByTimeAsync(0);
    expect(page.last).toMatchObject({ cmd: "connack", reasonCode: code, properties: { reasonString: reason } });
    expect(page.closed?.[1]).toBe(reason);
    expect(broker.sent).toEqual([]);
  });

  it("MQTT 3.1.1", () => {
    const { page } = start();
    page.write(generate({ ...CONNECT, protocolVersion: 4 }));
    expect(page.closed).toEqual([1008, "unsupported_version"]);
  });

  it.each([
    ["rate_limited", { isTooOften: async () => true }],
    ["broker_unavailable", { openBroker: async () => undefined }],
    ["broker_unavailable", { password: undefined }],
    ["broker_unavailable", { findReader: async () => await Promise.reject(new Error("KV")) }],
  ] as const)("%s", async (reason, ports) => {
    const { page } = start(ports);
    page.write(CONNECT);
    await vi.advanceTimersByTimeAsync(0);
    expect(page.closed).toEqual([1013, reason]);
  });

  it("a page that speaks before it is let in, or not at all", async () => {
    const { page: hasty } = start();
    hasty.write(CONNECT);
    hasty.write(subscribe("logs/shop/+"));
    expect(hasty.closed).toEqual([1002, "protocol_error"]);
    const { page: silent } = start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(silent.closed).toEqual([1008, "timed_out"]);
  });

  it("leaves no connection to the broker of a page that left meanwhile", async () => {
    const { page, broker } = start();
    page.write(CONNECT);
    page.emit("close");
    await vi.advanceTimersByTimeAsync(0);
    expect([broker.sent, broker.closed]).toEqual([[], [1000, ""]]);
  });
});

describe("the end of a token", () => {
  it("ends the tail when it comes, also beyond the longest timer", async () => {
    const leftMs = 60 * 86_400_000;
    const reader = { ...READER, expiresAt: new Date(Date.now() + leftMs).toISOString() };
    const ends: string[] = [];
    watchToken({ reader, findReader: async () => reader, onEnd: (reason) => ends.push(reason) });
    await vi.advanceTimersByTimeAsync(leftMs - 1);
    expect(ends).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ends).toEqual(["token_expired"]);
  });

  it("or of one of its apps ends the tail at the next look", async () => {
    let now: ReaderRecord | undefined = READER;
    const { page, broker } = await open({ findReader: async () => now });
    const live = async (): Promise<void> => {
      for (let s = 0; s < 60; s += 5) {
        await vi.advanceTimersByTimeAsync(5_000);
        page.write({ cmd: "pingreq" });
        broker.write({ cmd: "pingresp" });
      }
    };
    await live();
    expect(page.closed).toBeUndefined();
    now = { apps: ["other"] };
    await live();
    expect(page.closed).toEqual([1008, "token_revoked"]);
    expect(page.last).toMatchObject({ cmd: "disconnect", reasonCode: 0x98 });
  });
});

describe("silence", () => {
  it("of the broker ends it: what waits there is too much", async () => {
    const { page, broker } = await open();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(broker.last.cmd).toBe("pingreq");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(page.closed).toEqual([1013, "behind"]);
  });

  it("of the page ends it", async () => {
    const { page, broker } = await open();
    for (let s = 0; s < 100; s += 5) {
      await vi.advanceTimersByTimeAsync(5_000);
      broker.write({ cmd: "pingresp" });
    }
    expect(page.closed).toEqual([1008, "timed_out"]);
  });
});

describe("a page that does not read", () => {
  const ONE = 10_000;
  const flood = (broker: FakeSocket, messages: number): void => {
    for (let i = 0; i < messages; i += 1) broker.write(publish(ONE));
  };
  const bytesOf = (page: FakeSocket): number => page.sent.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const marksOf = (page: FakeSocket): readonly number[] =>
    page.sent.map(read).flatMap((each) => (each.cmd === "publish" && each.qos === 1 ? [each.messageId ?? 0] : []));

  it("is sent no more than the bound and one message, and is told what it missed once it reads", async () => {
    const { page, broker } = await open();
    flood(broker, 1_000);
    expect(bytesOf(page)).toBeGreaterThan(MAX_TAIL_UNREAD_BYTES);
    expect(bytesOf(page)).toBeLessThan(MAX_TAIL_UNREAD_BYTES + 2 * ONE);
    const got = page.sent.map(read).filter((each) => each.cmd === "publish" && each.qos === 0).length;
    for (const messageId of marksOf(page)) page.write({ cmd: "puback", messageId });
    const told = page.sent.map(read).findLast((each) => each.cmd === "publish");
    expect(told).toMatchObject({ topic: TAIL_FLOW_TOPIC, payload: Buffer.from(String(1_000 - got)) });
    flood(broker, 1);
    expect(page.last).toMatchObject({ cmd: "publish", topic: "logs/shop/c" });
  });

  it("can't say that it did", async () => {
    const { page, broker } = await open();
    flood(broker, 1_000);
    const [first = 0, second = 0] = marksOf(page);
    page.write({ cmd: "puback", messageId: second === first + 1 ? second : first + 1 });
    expect(page.closed).toEqual([1002, "protocol_error"]);
  });

  it("and goes on asking is left", async () => {
    const { page, broker } = await open();
    broker.write(publish(MAX_MESSAGE_BYTES));
    const pings = new Uint8Array(MAX_TAIL_REQUEST_BYTES).map((_, i) => (i % 2 === 0 ? 0xc0 : 0));
    for (let i = 0; i < 1_000 && page.closed === undefined; i += 1) page.write(pings);
    expect(page.closed).toEqual([1013, "too_slow"]);
  });
});
