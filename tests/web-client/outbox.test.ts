import { describe, expect, it } from "vitest";
import type { Severity } from "#contract/wire/severity.ts";
import type { Chunk, QueuedEvent } from "../../web-client/logger/outbox/chunk.ts";
import { createOutbox } from "../../web-client/logger/outbox/outbox.ts";

const event = (id: string, severity: Severity = "info", bytes = 10, head = "{}"): Chunk => {
  const chunk: Chunk = { _key: `owner.${id}`, _head: head, _events: [] };
  chunk._events.push(
    ...Array.from(id, (one) => ({ id: one, severity, _json: `"${one}"`, _bytes: bytes, _chunk: chunk })),
  );
  return chunk;
};
const ids = (events: readonly QueuedEvent[]): string => events.map(({ id }) => id).join("");
const createBox = (maxQueuedEvents = 1_000, maxQueuedBytes = 1_000_000, saved: Chunk[] = []) =>
  createOutbox((chunk) => void saved.push(chunk), new Set(), { maxQueuedEvents, maxQueuedBytes });

describe("createOutbox", () => {
  it("takes events in the order in which they were logged, whatever their severity", () => {
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
    expect([outbox.waiting.length, outbox.inFlight, outbox.waitingBytes]).toEqual([1, 3, 10]);
  });

  it("drops the least severe events first, then the oldest, including a new one", () => {
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

  it("limits bytes including events in flight, and never drops those", () => {
    const outbox = createBox(100, 30);
    outbox.add(event("a"));
    outbox.add(event("b"));
    outbox.take(2, 1_000);
    expect(outbox.add(event("c"))).toEqual([]);
    expect(ids(outbox.add(event("d", "info", 11)))).toBe("cd");
    expect(outbox.inFlight).toBe(2);
  });

  it("takes events within the limits of count and bytes", () => {
    const outbox = createBox();
    for (const id of "abcdef") outbox.add(event(id));
    expect(ids(outbox.take(2, 1_000))).toBe("ab");
    expect(ids(outbox.take(9, 25))).toBe("cd");
    expect(ids(outbox.take(9, 5))).toBe("e");
  });

  it("returns each removed event only once", () => {
    const outbox = createBox();
    for (const id of "abcd") outbox.add(event(id));
    const first = outbox.take(2, 1_000);
    expect(ids(outbox.remove(first))).toBe("ab");
    expect(outbox.remove(first)).toEqual([]);
    expect([outbox.waiting.length, outbox.inFlight]).toEqual([2, 0]);
  });

  it("deletes a record when its last event is removed, and rewrites it when an event is dropped", () => {
    const saved: Chunk[] = [];
    const outbox = createBox(3, 1_000, saved);
    const chunk = event("abc");
    outbox.add(chunk);
    outbox.remove(outbox.take(1, 1_000));
    expect(saved).toEqual([]);
    outbox.add(event("de", "error"));
    expect(saved).toEqual([chunk]);
    expect(chunk._events.map(({ id }) => id)).toEqual(["c"]);
    outbox.remove(outbox.take(1, 1_000));
    expect(chunk._events).toEqual([]);
  });

  it("takes only events that share the same attributes of a batch", () => {
    const outbox = createBox();
    outbox.add(event("ab"));
    outbox.add(event("c", "info", 10, "{1}"));
    expect(ids(outbox.take(9, 1_000))).toBe("ab");
    expect(ids(outbox.take(9, 1_000))).toBe("c");
  });

  it("removes waiting events when a receipt arrives for an earlier request", () => {
    const outbox = createBox();
    const chunk = event("abc");
    outbox.add(chunk);
    expect(ids(outbox.remove(chunk._events.slice(0, 2)))).toBe("ab");
    expect([outbox.waiting.length, outbox.waitingBytes, outbox.inFlight]).toEqual([1, 10, 0]);
  });
});
