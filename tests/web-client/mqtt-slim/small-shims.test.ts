/** Compares each of the smallest shims with its original. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import deepClone from "../../../web-client/mqtt-slim/shims/deep-clone.ts";
import { LRUCache } from "../../../web-client/mqtt-slim/shims/lru-cache.ts";
import { clearInterval, setInterval } from "../../../web-client/mqtt-slim/shims/native-timers.ts";
import { nextTick } from "../../../web-client/mqtt-slim/shims/next-tick.ts";
import createDebug from "../../../web-client/mqtt-slim/shims/no-debug.ts";
import { LRUCache as OriginalCache, rfdc } from "../../support/mqtt-slim/originals.ts";

describe(deepClone, () => {
  it("returns the same copy as rfdc", () => {
    const anyValue = fc.object({ values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)], maxDepth: 3 });
    fc.assert(
      fc.property(anyValue, fc.uint8Array(), (value, payload) => {
        // A Buffer, because rfdc cannot copy a Uint8Array that is a view of a larger ArrayBuffer.
        const packet = { ...value, payload: Buffer.from(payload), none: undefined };
        expect(deepClone(packet)).toStrictEqual(rfdc(packet));
      }),
    );
  });

  it("shares no object or memory with the original", () => {
    const packet = { payload: Buffer.from("abc"), properties: { userProperties: { a: ["1"] } } };
    const copy = deepClone(packet);
    packet.payload.fill(0);
    packet.properties.userProperties.a.push("2");
    expect([copy.payload.toString(), copy.properties.userProperties.a]).toEqual(["abc", ["1"]]);
    expect(copy.payload).toBeInstanceOf(Buffer);
  });
});

describe(LRUCache, () => {
  it("contains the same entries in the same order as lru-cache", () => {
    const key = fc.integer({ min: 1, max: 6 });
    const call = fc.oneof(
      { weight: 10, arbitrary: fc.constantFrom("get", "set") },
      { weight: 1, arbitrary: fc.constant("clear") },
    );
    const play = (
      cache: LRUCache<number, string> | InstanceType<typeof OriginalCache<number, string>>,
      [call, key]: [string, number],
    ): unknown[] => {
      const value = call === "get" ? cache.get(key) : undefined;
      if (call === "set") cache.set(key, `t${key}`);
      if (call === "clear") cache.clear();
      return [value, cache.size, ...cache.keys()];
    };
    fc.assert(
      fc.property(fc.array(fc.tuple(call, key), { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (calls, max) => {
        const ours = new LRUCache<number, string>({ max });
        const original = new OriginalCache<number, string>({ max });
        for (const each of calls) expect(play(ours, each)).toEqual(play(original, each));
      }),
      { numRuns: 500 },
    );
  });
});

describe(nextTick, () => {
  it("runs after the current task, in order, with its arguments, and before any timer", async () => {
    const seen: unknown[] = [];
    await new Promise<void>((resolve) => {
      setTimeout(() => {
        seen.push("timer");
        resolve();
      });
      nextTick((a, b) => seen.push([a, b]), 1, 2);
      nextTick(() => nextTick(() => seen.push("nested")));
      nextTick(() => seen.push("second"));
      seen.push("now");
    });
    expect(seen).toEqual(["now", [1, 2], "second", "nested", "timer"]);
  });
});

describe("timers", () => {
  it("work as methods of another object, as mqtt.js calls them", async () => {
    const timer = { set: setInterval, clear: clearInterval };
    let rounds = 0;
    await new Promise<void>((resolve) => {
      const id = timer.set(() => {
        rounds += 1;
        if (rounds < 3) return;
        timer.clear(id);
        resolve();
      }, 1);
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(rounds).toBe(3);
  });
});

describe("debug", () => {
  it("prints nothing", () => {
    expect(createDebug()()).toBeUndefined();
  });
});
