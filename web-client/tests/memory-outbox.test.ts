import { describe, expect, it } from "vitest";
import type { Severity } from "../../contract/severity.ts";
import { dueInMs } from "../src/due-in-ms.ts";
import { createMemoryOutbox } from "../src/memory-outbox.ts";
import type { QueuedEvent } from "../src/outbox.ts";
import { DEFAULT_TUNING } from "../src/tuning.ts";

const event = (id: string, severity: Severity = "info", bytes = 10): QueuedEvent => ({
  id,
  severity,
  atMs: 1_000,
  json: "{}",
  bytes,
});
const ids = (events: readonly QueuedEvent[]): string => events.map(({ id }) => id).join("");
const unbounded = { maxEvents: 1_000, maxBytes: 1_000_000 };

describe("createMemoryOutbox", () => {
  it("gives events in the order they were logged, whatever their severity", () => {
    const outbox = createMemoryOutbox(unbounded);
    for (const [id, severity] of [
      ["a", "info"],
      ["b", "error"],
      ["c", "trace"],
      ["d", "info"],
    ] as const) {
      outbox.add(event(id, severity));
    }
    expect(ids(outbox.take(3, 1_000))).toBe("abc");
    expect(outbox).toMatchObject({ waiting: 1, held: 3, waitingBytes: 10 });
  });

  it("drops the least severe first, then the oldest, and may refuse the newcomer", () => {
    const outbox = createMemoryOutbox({ maxEvents: 3, maxBytes: 1_000 });
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
    const outbox = createMemoryOutbox({ maxEvents: 100, maxBytes: 30 });
    outbox.add(event("a"));
    outbox.add(event("b"));
    outbox.take(2, 1_000);
    expect(outbox.add(event("c"))).toEqual([]);
    expect(ids(outbox.add(event("d", "info", 11)))).toBe("cd");
    expect(outbox.held).toBe(2);
  });

  it("takes within count and bytes", () => {
    const outbox = createMemoryOutbox(unbounded);
    for (const id of "abcdef") outbox.add(event(id));
    expect(ids(outbox.take(2, 1_000))).toBe("ab");
    expect(ids(outbox.take(9, 25))).toBe("cd");
    expect(outbox.take(9, 5)).toEqual([]);
  });

  it("puts released events back in their place, and forgets removed ones once", () => {
    const outbox = createMemoryOutbox(unbounded);
    for (const id of "abcd") outbox.add(event(id));
    const first = outbox.take(2, 1_000);
    const second = outbox.take(1, 1_000);
    outbox.release(second);
    outbox.release(first);
    expect(ids(outbox.take(9, 1_000))).toBe("abcd");
    expect(ids(outbox.remove(first))).toBe("ab");
    expect(outbox.remove(first)).toEqual([]);
    outbox.release(first);
    expect(outbox).toMatchObject({ waiting: 0, held: 2 });
  });
});

describe("dueInMs", () => {
  it("waits for the oldest event's age, but not for errors, a full batch or a clock set back", () => {
    const outbox = createMemoryOutbox(unbounded);
    expect(dueInMs(outbox, DEFAULT_TUNING, 1_000)).toBeUndefined();
    outbox.add(event("a"));
    expect(dueInMs(outbox, DEFAULT_TUNING, 1_100)).toBe(150);
    expect(dueInMs(outbox, DEFAULT_TUNING, 5_000)).toBe(0);
    expect(dueInMs(outbox, DEFAULT_TUNING, -1_000_000)).toBe(250);
    expect(dueInMs(outbox, { ...DEFAULT_TUNING, maxBatchEvents: 1 }, 1_000)).toBe(0);
    expect(dueInMs(outbox, { ...DEFAULT_TUNING, maxBatchBytes: 10 }, 1_000)).toBe(0);
    outbox.add(event("b", "error"));
    expect(dueInMs(outbox, DEFAULT_TUNING, 1_000)).toBe(0);
  });
});
