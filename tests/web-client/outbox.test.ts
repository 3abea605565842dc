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
/** Bytes of a record without its events. */
const HEAD = "{}".length + 192;
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
      outbox._add(event(id, severity));
    }
    expect(ids(outbox._take(3, 1_000))).toBe("abc");
    expect([outbox._waiting, outbox._inFlight, outbox._waitingBytes]).toEqual([1, 3, 10]);
  });

  it("drops the least severe events first, then the oldest, including a new one", () => {
    const outbox = createBox(3, 1_000);
    for (const [id, severity] of [
      ["a", "error"],
      ["b", "debug"],
      ["c", "info"],
    ] as const) {
      expect(outbox._add(event(id, severity))).toEqual([]);
    }
    expect(ids(outbox._add(event("d", "info")))).toBe("b");
    expect(ids(outbox._add(event("e", "warn")))).toBe("c");
    expect(ids(outbox._add(event("f", "trace")))).toBe("f");
    expect(ids(outbox._take(9, 1_000))).toBe("ade");
  });

  it("limits bytes including events in flight, and never drops those", () => {
    const outbox = createBox(100, 30 + 3 * HEAD);
    outbox._add(event("a"));
    outbox._add(event("b"));
    outbox._take(2, 1_000);
    expect(outbox._add(event("c"))).toEqual([]);
    expect(ids(outbox._add(event("d", "info", 11)))).toBe("cd");
    expect(outbox._inFlight).toBe(2);
  });

  it("counts the head of a record once, until its last event is dropped", () => {
    const outbox = createBox(100, 20 + HEAD + 100);
    outbox._add(event("ab", "info", 10, "x".repeat(102)));
    expect(ids(outbox._add(event("c")))).toBe("ab");
    expect(outbox._waiting).toBe(1);
  });

  it("takes events within the limits of count and bytes", () => {
    const outbox = createBox();
    for (const id of "abcdef") outbox._add(event(id));
    expect(ids(outbox._take(2, 1_000))).toBe("ab");
    expect(ids(outbox._take(9, 25))).toBe("cd");
    expect(ids(outbox._take(9, 5))).toBe("e");
  });

  it("returns each removed event only once", () => {
    const outbox = createBox();
    for (const id of "abcd") outbox._add(event(id));
    const first = outbox._take(2, 1_000);
    expect(ids(outbox._remove(first))).toBe("ab");
    expect(outbox._remove(first)).toEqual([]);
    expect([outbox._waiting, outbox._inFlight]).toEqual([2, 0]);
  });

  it("deletes a record when its last event is removed, and writes it again when a fourth of its events is settled", () => {
    const saved: Chunk[] = [];
    const outbox = createBox(9, 1_000, saved);
    const chunk = event("abcdefghi");
    outbox._add(chunk);
    outbox._remove(outbox._take(2, 1_000));
    expect(saved).toEqual([]);
    outbox._add(event("xyz", "error"));
    expect(saved).toEqual([chunk]);
    expect(ids(chunk._events)).toBe("defghi");
    outbox._remove(outbox._take(6, 1_000));
    expect(saved).toEqual([chunk, chunk]);
    expect(chunk._events).toEqual([]);
  });

  it("drops an event at a cost that does not depend on the number of events", () => {
    const COUNT = 20_000;
    let reads = 0;
    const counted = (severity: Severity, count: number): Chunk => {
      const chunk = event("a".repeat(count), severity);
      for (const one of chunk._events) {
        Object.defineProperty(one, "severity", {
          get() {
            reads += 1;
            return severity;
          },
        });
      }
      return chunk;
    };
    let written = 0;
    const limits = { maxQueuedEvents: COUNT, maxQueuedBytes: 1e9 };
    const outbox = createOutbox((chunk) => (written += chunk._events.length), new Set(), limits);
    outbox._add(counted("error", COUNT / 2));
    outbox._add(counted("info", COUNT / 2));
    reads = 0;
    for (let i = 0; i < COUNT / 2; i += 1) expect(outbox._add(counted("warn", 1))).toHaveLength(1);
    expect(outbox._waiting).toBe(COUNT);
    expect(reads).toBeLessThan(10 * COUNT);
    expect(written).toBeLessThan(10 * COUNT);
  });

  it("drops and takes the same events as a list that is searched each time", () => {
    const SEVERITIES: readonly Severity[] = ["trace", "debug", "info", "warn", "error", "fatal"];
    // A fixed sequence of numbers that looks random.
    let seed = 1;
    const random = (below: number): number => (seed = (seed * 16_807) % 2_147_483_647) % below;
    const limits = { maxQueuedEvents: 40, maxQueuedBytes: 3_000 };
    const outbox = createOutbox(() => {}, new Set(), limits);
    let list: QueuedEvent[] = [];
    let inFlight: QueuedEvent[] = [];
    const bytesOf = (events: readonly QueuedEvent[]): number => events.reduce((sum, { _bytes = 0 }) => sum + _bytes, 0);
    for (let round = 0; round < 2_000; round += 1) {
      const chunk = event("a".repeat(1 + random(5)), SEVERITIES[random(6)], 1 + random(30));
      list.push(...chunk._events);
      const expected: QueuedEvent[] = [];
      for (const severity of SEVERITIES) {
        for (const one of list.filter((other) => other.severity === severity)) {
          const all = [...list, ...inFlight];
          const heads = HEAD * new Set(all.map(({ _chunk }) => _chunk)).size;
          if (all.length <= limits.maxQueuedEvents && bytesOf(all) + heads <= limits.maxQueuedBytes) break;
          list = list.filter((other) => other !== one);
          expected.push(one);
        }
      }
      expect(outbox._add(chunk)).toEqual(expected);
      const taken = random(4) === 0 ? outbox._take(random(8), 1e6) : [];
      expect(taken).toEqual(list.slice(0, taken.length));
      list = list.slice(taken.length);
      inFlight.push(...taken);
      // A receipt for events that wait and for events that are in flight.
      const settled = random(4) === 0 ? [...inFlight.slice(0, random(10)), ...list.slice(0, random(3))] : [];
      expect(outbox._remove(settled)).toEqual(settled);
      list = list.filter((one) => !settled.includes(one));
      inFlight = inFlight.filter((one) => !settled.includes(one));
      expect([outbox._waiting, outbox._inFlight]).toEqual([list.length, inFlight.length]);
      expect(outbox._waitingBytes).toBe(bytesOf(list));
      expect(outbox._hasErrors).toBe(list.some(({ severity }) => severity === "error" || severity === "fatal"));
    }
  });

  it("takes only events that share the same attributes of a batch", () => {
    const outbox = createBox();
    outbox._add(event("ab"));
    outbox._add(event("c", "info", 10, "{1}"));
    expect(ids(outbox._take(9, 1_000))).toBe("ab");
    expect(ids(outbox._take(9, 1_000))).toBe("c");
  });

  it("removes waiting events when a receipt arrives for an earlier request", () => {
    const outbox = createBox();
    const chunk = event("abc");
    outbox._add(chunk);
    expect(ids(outbox._remove(chunk._events.slice(0, 2)))).toBe("ab");
    expect([outbox._waiting, outbox._waitingBytes, outbox._inFlight]).toEqual([1, 10, 0]);
  });
});
