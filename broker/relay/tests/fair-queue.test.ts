import { describe, expect, it } from "vitest";
import type { MessageSession } from "../src/held-message.ts";
import { FairQueue } from "../src/fair-queue.ts";
import { createMessage, createSession, textOf } from "./support/held-messages.ts";

const createQueue = (limits: { maxBytes?: number; maxMessages?: number } = {}): FairQueue => {
  const queue = new FairQueue({ maxBytes: 100_000, maxMessages: 100, lingerMs: 0, maxSessionRequests: 2, ...limits });
  // The state after five short requests.
  for (let i = 0; i < 5; i += 1) queue.adaptSize(1, true);
  return queue;
};

const add = (queue: FairQueue, session: MessageSession, ...payloads: readonly string[]): void => {
  for (const payload of payloads) queue.add(createMessage(session, payload));
};

const take = (queue: FairQueue, nowMs = performance.now()): readonly string[] | undefined =>
  queue.take(nowMs, true)?.messages.map(textOf);

const numbered = (name: string, count: number): readonly string[] => Array.from({ length: count }, (_, i) => name + i);

describe("a batch", () => {
  it("has an equal share of messages from each session that has enough", () => {
    const queue = createQueue({ maxMessages: 10 });
    add(queue, createSession("flood"), ...numbered("f", 50));
    add(queue, createSession("victim"), "v0", "v1");
    add(queue, createSession("other"), "o0");
    expect(take(queue)?.toSorted()).toEqual(["f0", "f1", "f2", "f3", "f4", "f5", "f6", "o0", "v0", "v1"]);
    expect(queue.size).toBe(43);
  });

  it("contains a message that is larger than the limit alone", () => {
    const queue = createQueue({ maxBytes: 10 });
    add(queue, createSession("shop"), "x".repeat(20), "small");
    expect(take(queue)).toHaveLength(1);
    expect(take(queue)).toEqual(["small"]);
    expect(queue.size).toBe(0);
  });

  it("does not exceed the limit with messages of several sessions", () => {
    // Each message has 30 bytes, and a topic of 10 or 11.
    const queue = createQueue({ maxBytes: 130 });
    for (let i = 0; i < 20; i += 1) add(queue, createSession(`s${i}`), "x".repeat(30));
    const sizes: number[] = [];
    for (let batch = take(queue); batch !== undefined; batch = take(queue)) sizes.push(batch.length);
    expect(Math.max(...sizes)).toBe(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(20);
  });

  it("is smaller after slow requests while several sessions are active", () => {
    const queue = createQueue({ maxMessages: 100 });
    const takeSize = (): number => take(queue)?.length ?? 0;
    add(queue, createSession("flood"), ...numbered("f", 500));
    queue.adaptSize(500, true);
    expect(takeSize()).toBe(100);
    add(queue, createSession("victim"), "v0");
    // Also a batch without messages of the other session is smaller: its next message would wait for it.
    expect([takeSize(), takeSize()]).toEqual([50, 50]);
    for (let i = 0; i < 5; i += 1) queue.adaptSize(20_000, true);
    expect(takeSize()).toBe(13);
    expect(take(queue, performance.now() + 11_000)).toHaveLength(100);
    // A short request with few messages does not show that one with many is short.
    for (let i = 0; i < 5; i += 1) queue.adaptSize(10, false);
    expect(takeSize()).toBe(13);
    for (let i = 0; i < 5; i += 1) queue.adaptSize(10, true);
    expect(takeSize()).toBe(100);
  });
});
