/** A live tail between a fake page and a fake broker: forwarding, authorization and refused connections. */
import { generate, type Packet } from "mqtt-packet";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MAX_TAIL_FILTERS } from "#contract/wire/limits.ts";
import { TAIL_USERNAME } from "#contract/wire/topics.ts";
import { CONNECT, open, publish, start, subscribe } from "./support/tail-sides.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a live tail", () => {
  it("connects to the broker with its own CONNECT, without data of the page", async () => {
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

  it("subscribes with its own options and ignores those of the page", async () => {
    const { page, broker } = await open();
    page.receive({
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

  it("forwards messages unchanged, however they are split into chunks", async () => {
    const { page, broker } = await open();
    const bytes = publish(1_000);
    const three = Buffer.concat([bytes, bytes, bytes]);
    for (const chunkBytes of [1, 7, 1_500, three.length]) {
      for (let i = 0; i < three.length; i += chunkBytes) broker.receive(three.subarray(i, i + chunkBytes));
      expect(page.sent.slice(-3).map((each) => Buffer.from(each).equals(bytes))).toEqual([true, true, true]);
    }
    expect(page.sent).toHaveLength(13);
  });

  it("responds to pings and closes when the page disconnects", async () => {
    const { page, broker } = await open();
    page.receive({ cmd: "pingreq" });
    expect(page.last.cmd).toBe("pingresp");
    page.receive({ cmd: "disconnect" });
    expect([page.closed, broker.closed]).toEqual([
      [1000, ""],
      [1000, ""],
    ]);
  });
});

describe("a live tail closes after", () => {
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
    const sentBefore = broker.sent.length;
    page.receive(packet);
    expect(page.last).toMatchObject({ cmd: "disconnect", reasonCode: mqtt, properties: { reasonString: reason } });
    expect(page.closed).toEqual([webSocket, reason]);
    expect([broker.closed, broker.sent.length]).toEqual([[1000, ""], sentBefore]);
  });

  it("too many filters", async () => {
    const { page } = await open();
    for (let n = 0; n <= MAX_TAIL_FILTERS; n += 1) page.receive(subscribe(`logs/shop.${n + 1}/+`));
    expect(page.closed).toEqual([1008, "too_many_filters"]);
  });

  it("text", async () => {
    const { page } = await open();
    page.emit("message", "text");
    expect(page.closed).toEqual([1002, "malformed_packet"]);
  });
});

describe("a live tail refuses", () => {
  it.each<[string, number, Packet]>([
    ["invalid_credentials", 0x86, { ...CONNECT, username: "shop" }],
    ["invalid_credentials", 0x86, { ...CONNECT, password: Buffer.from("elk_of-an-app") }],
    ["not_authorized", 0x87, { ...CONNECT, will: { topic: "logs/shop/c", payload: "x" } }],
    ["malformed_packet", 0x81, { cmd: "pingreq" }],
  ])("%s", async (reason, code, packet) => {
    const { page, broker } = start();
    page.receive(packet);
    await vi.advanceTimersByTimeAsync(0);
    expect(page.last).toMatchObject({ cmd: "connack", reasonCode: code, properties: { reasonString: reason } });
    expect(page.closed?.[1]).toBe(reason);
    expect(broker.sent).toEqual([]);
  });

  it("MQTT 3.1.1", () => {
    const { page } = start();
    page.receive(generate({ ...CONNECT, protocolVersion: 4 }));
    expect(page.closed).toEqual([1008, "unsupported_version"]);
  });

  it.each([
    ["rate_limited", { isRateLimited: async () => true }],
    ["broker_unavailable", { openBroker: async () => undefined }],
    ["broker_unavailable", { password: undefined }],
    ["broker_unavailable", { findReader: async () => await Promise.reject(new Error("KV")) }],
  ] as const)("%s", async (reason, ports) => {
    const { page } = start(ports);
    page.receive(CONNECT);
    await vi.advanceTimersByTimeAsync(0);
    expect(page.closed).toEqual([1013, reason]);
  });

  it("a page that sends packets before the CONNACK, or no CONNECT at all", async () => {
    const { page: hasty } = start();
    hasty.receive(CONNECT);
    hasty.receive(subscribe("logs/shop/+"));
    expect(hasty.closed).toEqual([1002, "protocol_error"]);
    const { page: silent } = start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(silent.closed).toEqual([1008, "timed_out"]);
  });

  it("a page that disconnected while the broker connection opened, and closes that connection", async () => {
    const { page, broker } = start();
    page.receive(CONNECT);
    page.emit("close");
    await vi.advanceTimersByTimeAsync(0);
    expect([broker.sent, broker.closed]).toEqual([[], [1000, ""]]);
  });
});
