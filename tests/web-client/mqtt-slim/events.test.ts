/** Compares the shim with node:events: both receive the same random calls, some of them from within a listener. */
import { EventEmitter as Original } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventEmitter } from "../../../web-client/mqtt-slim/shims/events.ts";

const NAMES = ["message", "close"] as const;
const CALLS = ["on", "addListener", "once", "off", "removeListener", "emit", "removeAllListeners"] as const;
const LISTENERS = 4;

const anyCall = fc.record({
  call: fc.constantFrom(...CALLS),
  name: fc.constantFrom(...NAMES),
  listener: fc.nat(LISTENERS - 1),
});
type Call = typeof anyCall extends fc.Arbitrary<infer Value> ? Value : never;

/** Makes the calls and returns all results. `nested[i]` is the call that listener i makes when it is first called. */
const play = (emitter: EventEmitter | Original, calls: readonly Call[], nested: readonly Call[]): unknown[] => {
  const seen: unknown[] = [];
  const done = new Set<number>();
  const listeners = Array.from(
    { length: LISTENERS },
    (_, i) =>
      function listen(this: unknown, ...args: unknown[]): void {
        seen.push([i, this === emitter, ...args]);
        const next = nested[i];
        if (next !== undefined && !done.has(i)) run(next, done.add(i).size);
      },
  );
  const run = ({ call, name, listener }: Call, depth: number): void => {
    if (call === "emit") seen.push(emitter.emit(name, depth, "arg"));
    else if (call === "removeAllListeners") emitter.removeAllListeners(name);
    else expect(emitter[call](name, listeners[listener] ?? (() => {}))).toBe(emitter);
    for (const each of NAMES) seen.push(emitter.listenerCount(each));
    seen.push(emitter.listeners(name).map((each) => listeners.indexOf(each as (typeof listeners)[number])));
  };
  for (const call of calls) run(call, 0);
  return seen;
};

describe(EventEmitter, () => {
  it("behaves like node:events", () => {
    fc.assert(
      fc.property(
        fc.array(anyCall, { maxLength: 30 }),
        fc.array(anyCall, { minLength: LISTENERS, maxLength: LISTENERS }),
        (calls, nested) => {
          expect(play(new EventEmitter(), calls, nested)).toEqual(play(new Original(), calls, nested));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("throws the error of an `error` event without a listener", () => {
    for (const emitter of [new EventEmitter(), new Original()]) {
      const error = new Error("unheard");
      expect(() => emitter.emit("error", error)).toThrow(error);
      emitter.on("error", () => {});
      expect(emitter.emit("error", error)).toBe(true);
    }
  });

  it("removes all listeners in one call, and does not limit their number", () => {
    const emitter = new EventEmitter().on("a", () => {}).setMaxListeners();
    expect(emitter.removeAllListeners().listenerCount("a")).toBe(0);
  });

  it("works in a class to which only its methods were copied, as in mqtt.js", () => {
    const Mixed = function Mixed() {} as unknown as new () => EventEmitter;
    for (const name of Object.getOwnPropertyNames(EventEmitter.prototype)) {
      if (name === "constructor") continue;
      Object.defineProperty(Mixed.prototype, name, Object.getOwnPropertyDescriptor(EventEmitter.prototype, name)!);
    }
    const [a, b] = [new Mixed(), new Mixed()];
    const seen: unknown[] = [];
    a.on("x", (value) => seen.push(value));
    expect([a.emit("x", 1), b.emit("x", 2), seen]).toEqual([true, false, [1]]);
  });
});
