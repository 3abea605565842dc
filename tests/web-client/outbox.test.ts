import { describe, expect, it } from "vitest";
import type { Severity } from "#contract/wire/severity.ts";
import type { Chunk, QueuedEvent } from "../../web-client/logger/outbox/chunk.ts";
import { createOutbox } from "../../web-client/logger/outbox/outbox.ts";

const event = (id: string, severity: Severity = "info", bytes = 10, head = "{}"): Chunk => {
  const chunk: Chunk = { recordKey: `owner.${id}`, head, queue: [] };
  chunk.queue.push(...Array.from(id, (one) => ({ id: one, severity, json: `"${one}"`, bytes, chunk })));
  return chunk;
};
const ids = (events: readonly QueuedEvent[]): string => events.map(({ id }) => id).join("");
const createBox = (maxQueuedEvents = 1_000, maxQueuedBytes = 1_000_000, saved: Chunk[] = []) =>
  createOutbox({ touch: (chunk) => saved.push(chunk) }, new Set(), { maxQueuedEvents, maxQueuedBytes });

describe("createOutbox", () => {
  it("gives events in the order they were logged, whatever their severity", () => {
    const outbox = createBox();
    for (const [id, severity] of [
      ["a", "info"],
      ["b", "error"],
      ["c", "trace"],
      ["d", "info"],
    ] as const) {
      outbox.add(event(id, severity));
    }
    expect(ids(outbox.take(3, 1_000))).toBe("abc");
    expect([outbox.waiting.length, outbox.held, outbox.waitingBytes]).toEqual([1, 3, 10]);
  });

  it("drops the least severe first, then the oldest, and may refuse the newcomer", () => {
    const outbox = createBox(3, 1_000);
    for (const [id, severity] of [
      ["a", "error"],
      ["b", "debug"],
      ["c", "info"],
    ] as const) {
      expect(outbox.add(event(id, severity))).toEqual([]);
    }
    expect(ids(outbox.add(event("d", "info")))).toBe("b");
    expect(ids(outbox.add(event("e", "warn")))).toBe("c");
    expect(ids(outbox.add(event("f", "trace")))).toBe("f");
    expect(ids(outbox.take(9, 1_000))).toBe("ade");
  });

  it("bounds bytes, counting what is held, and never drops what is held", () => {
    const outbox = createBox(100, 30);
    outbox.add(event("a"));
    outbox.add(event("b"));
    outbox.take(2, 1_000);
    expect(outbox.add(event("c"))).toEqual([]);
    expect(ids(outbox.add(event("d", "info", 11)))).toBe("cd");
    expect(outbox.held).toBe(2);
  });

  it("takes within count and bytes", () => {
    const outbox = createBox();
    for (const id of "abcdef") outbox.add(event(id));
    expect(ids(outbox.take(2, 1_000))).toBe("ab");
    expect(ids(outbox.take(9, 25))).toBe("cd");
    expect(ids(outbox.take(9, 5))).toBe("e");
  });

  it("puts released events back in their place, and forgets removed ones once", () => {
    const outbox = createBox();
    for (const id of "abcd") outbox.add(event(id));
    const first = outbox.take(2, 1_000);
    const second = outbox.take(1, 1_000);
    outbox.release(second);
    outbox.release(first);
    expect(ids(outbox.take(9, 1_000))).toBe("abcd");
    expect(ids(outbox.remove(first))).toBe("ab");
    expect(outbox.remove(first)).toEqual([]);
    outbox.release(first);
    expect([outbox.waiting.length, outbox.held]).toEqual([0, 2]);
  });

  it("deletes a record with its last event, and writes it anew when one is dropped", () => {
    const saved: Chunk[] = [];
    const outbox = createBox(3, 1_000, saved);
    const chunk = event("abc");
    outbox.add(chunk);
    outbox.remove(outbox.take(1, 1_000));
    expect(saved).toEqual([]);
    outbox.add(event("de", "error"));
    expect(saved).toEqual([chunk]);
    expect(chunk.queue.map(({ id }) => id)).toEqual(["c"]);
    outbox.remove(outbox.take(1, 1_000));
    expect(chunk.queue).toEqual([]);
  });

  it("takes only what shares a head", () => {
    const outbox = createBox();
    outbox.add(event("ab"));
    outbox.add(event("c", "info", 10, "{1}"));
    expect(ids(outbox.take(9, 1_000))).toBe("ab");
    expect(ids(outbox.take(9, 1_000))).toBe("c");
  });

  it("forgets what is waiting when a receipt comes by another way", () => {
    const outbox = createBox();
    const chunk = event("abc");
    outbox.add(chunk);
    expect(ids(outbox.remove(chunk.queue.slice(0, 2)))).toBe("ab");
    expect([outbox.waiting.length, outbox.waitingBytes, outbox.held]).toEqual([1, 10, 0]);
  });
});
