/** Live tails: expiry of the token, timeouts, and the limit for a page that does not read. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ReaderRecord } from "#contract/store/app-record.ts";
import {
  MAX_MESSAGE_BYTES,
  MAX_READER_TAILS,
  MAX_TAIL_REQUEST_BYTES,
  MAX_TAILS,
  MAX_TAIL_UNREAD_BYTES,
} from "#contract/wire/limits.ts";
import { TAIL_SKIPPED_TOPIC } from "#contract/wire/topics.ts";
import { createOpenTails, type OpenTails } from "../src/tail/open-tails.ts";
import { watchToken } from "../src/tail/watch-token.ts";
import { open, publish, decode, READER, type FakeSocket } from "./support/tail-sides.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an invalid token", () => {
  it("closes the tail when it expires, even after more than the maximum delay of a timer", async () => {
    const remainingMs = 60 * 86_400_000;
    const reader = { ...READER, expiresAt: new Date(Date.now() + remainingMs).toISOString() };
    const reasons: string[] = [];
    watchToken({ reader, findReader: async () => reader, onInvalid: (reason) => reasons.push(reason) });
    await vi.advanceTimersByTimeAsync(remainingMs - 1);
    expect(reasons).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(reasons).toEqual(["token_expired"]);
  });

  it("closes the tail within a minute of losing access to an app", async () => {
    let record: ReaderRecord | undefined = READER;
    const { page, broker } = await open({ findReader: async () => record });
    const keepAliveForMinute = async (): Promise<void> => {
      for (let s = 0; s < 60; s += 5) {
        await vi.advanceTimersByTimeAsync(5_000);
        page.receive({ cmd: "pingreq" });
        broker.receive({ cmd: "pingresp" });
      }
    };
    await keepAliveForMinute();
    expect(page.closed).toBeUndefined();
    record = { apps: ["other"] };
    await keepAliveForMinute();
    expect(page.closed).toEqual([1008, "token_revoked"]);
    expect(page.last).toMatchObject({ cmd: "disconnect", reasonCode: 0x98 });
  });
});

describe("more open tails than allowed", () => {
  const openMany = async (count: number, openTails: OpenTails) => {
    const tails = [];
    for (let i = 0; i < count; i += 1) tails.push(await open({ openTails }));
    return tails;
  };

  it("of one token are refused, until one of them closes", async () => {
    const openTails = createOpenTails();
    const [first] = await openMany(MAX_READER_TAILS, openTails);
    const refused = await open({ openTails });
    expect(refused.page.closed).toEqual([1013, "rate_limited"]);
    expect(refused.broker.sent).toEqual([]);
    first?.page.receive({ cmd: "disconnect" });
    expect((await open({ openTails })).page.closed).toBeUndefined();
  });

  it("of all tokens are refused, and tails without a heartbeat do not count", async () => {
    const openTails = createOpenTails();
    for (let i = 0; i < MAX_TAILS; i += 1) expect(openTails.open(`token ${i}`)).toBeDefined();
    expect(openTails.open("another token")).toBeUndefined();
    await vi.advanceTimersByTimeAsync(61_000);
    expect(openTails.open("another token")).toBeDefined();
  });
});

describe("a timeout", () => {
  it("closes the tail with the reason behind if the broker does not respond to a ping", async () => {
    const { page, broker } = await open();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(broker.last.cmd).toBe("pingreq");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(page.closed).toEqual([1013, "behind"]);
  });

  it("closes the tail if the page sends nothing", async () => {
    const { page, broker } = await open();
    for (let s = 0; s < 100; s += 5) {
      await vi.advanceTimersByTimeAsync(5_000);
      broker.receive({ cmd: "pingresp" });
    }
    expect(page.closed).toEqual([1008, "timed_out"]);
  });
});

describe("a page that does not read", () => {
  const MESSAGE_BYTES = 10_000;
  const flood = (broker: FakeSocket, messages: number): void => {
    for (let i = 0; i < messages; i += 1) broker.receive(publish(MESSAGE_BYTES));
  };
  const bytesOf = (page: FakeSocket): number => page.sent.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const pendingAcksOf = (page: FakeSocket): readonly number[] =>
    page.sent.map(decode).flatMap((each) => (each.cmd === "publish" && each.qos === 1 ? [each.messageId ?? 0] : []));

  it("gets no more than the limit and one message, and the number of skipped messages when it reads again", async () => {
    const { page, broker } = await open();
    flood(broker, 1_000);
    expect(bytesOf(page)).toBeGreaterThan(MAX_TAIL_UNREAD_BYTES);
    expect(bytesOf(page)).toBeLessThan(MAX_TAIL_UNREAD_BYTES + 2 * MESSAGE_BYTES);
    const received = page.sent.map(decode).filter((each) => each.cmd === "publish" && each.qos === 0).length;
    for (const messageId of pendingAcksOf(page)) page.receive({ cmd: "puback", messageId });
    const lastPublish = page.sent.map(decode).findLast((each) => each.cmd === "publish");
    expect(lastPublish).toMatchObject({ topic: TAIL_SKIPPED_TOPIC, payload: Buffer.from(String(1_000 - received)) });
    flood(broker, 1);
    expect(page.last).toMatchObject({ cmd: "publish", topic: "logs/shop/c" });
  });

  it("cannot acknowledge messages that it has not read", async () => {
    const { page, broker } = await open();
    flood(broker, 1_000);
    const [first = 0, second = 0] = pendingAcksOf(page);
    page.receive({ cmd: "puback", messageId: second === first + 1 ? second : first + 1 });
    expect(page.closed).toEqual([1002, "protocol_error"]);
  });

  it("is disconnected if it keeps sending requests", async () => {
    const { page, broker } = await open();
    broker.receive(publish(MAX_MESSAGE_BYTES));
    const pings = new Uint8Array(MAX_TAIL_REQUEST_BYTES).map((_, i) => (i % 2 === 0 ? 0xc0 : 0));
    for (let i = 0; i < 1_000 && page.closed === undefined; i += 1) page.receive(pings);
    expect(page.closed).toEqual([1013, "too_slow"]);
  });
});
