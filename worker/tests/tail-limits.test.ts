/** What ends a live tail by itself, and what bounds a page that does not read. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ReaderRecord } from "#contract/store/app-record.ts";
import { MAX_MESSAGE_BYTES, MAX_TAIL_REQUEST_BYTES, MAX_TAIL_UNREAD_BYTES } from "#contract/wire/limits.ts";
import { TAIL_SKIPPED_TOPIC } from "#contract/wire/topics.ts";
import { watchToken } from "../src/tail/watch-token.ts";
import { open, publish, read, READER, type FakeSocket } from "./support/tail-sides.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
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
    expect(told).toMatchObject({ topic: TAIL_SKIPPED_TOPIC, payload: Buffer.from(String(1_000 - got)) });
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
