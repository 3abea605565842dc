/** Compares the shim with `bl`: both receive the same random calls. */
import fc from "fast-check";
import { expect, it } from "vitest";
import createBufferList from "../../../web-client/mqtt-slim/shims/buffer-list.ts";
import { createBl } from "../../support/mqtt-slim/originals.ts";

const METHODS = ["readUInt8", "readUInt16BE", "readUInt32BE"] as const;
const position = fc.nat(40);
const anyStep = fc.oneof(
  fc.record({ call: fc.constant("append" as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }) }),
  fc.record({ call: fc.constant("consume" as const), count: fc.nat(8) }),
  fc.record({ call: fc.constant("slice" as const), start: position, end: position }),
  fc.record({ call: fc.constant("toString" as const), start: position, end: position }),
  fc.record({ call: fc.constant("read" as const), method: fc.constantFrom(...METHODS), offset: position }),
);

type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;
type List = ReturnType<typeof createBufferList> | ReturnType<typeof createBl>;

/**
 * Makes one call and returns its result. Like mqtt-packet's parser, it never reads past the end, and never slices with
 * an end before the start.
 */
const play = (list: List, step: Step): unknown => {
  switch (step.call) {
    case "append":
      // A view of a larger buffer, as from a WebSocket.
      list.append(Uint8Array.from([0, ...step.bytes, 0]).subarray(1, -1));
      return undefined;
    case "consume":
      list.consume(step.count);
      return undefined;
    case "read":
      return step.offset + 4 > list.length ? undefined : list[step.method](step.offset);
    case "slice":
      return Array.from(list.slice(Math.min(step.start, step.end), Math.max(step.start, step.end)));
    case "toString":
      return list.toString("utf8", Math.min(step.start, step.end), Math.max(step.start, step.end));
  }
};

it("the BufferList shim returns the same results as bl", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      const [ours, original] = [createBufferList(), createBl()];
      for (const step of steps) {
        expect(play(ours, step)).toEqual(play(original, step));
        expect(ours.length).toBe(original.length);
      }
    }),
    { numRuns: 500 },
  );
});

it("the BufferList shim copies a list of many chunks only once when it is read", () => {
  const list = createBufferList();
  for (let i = 0; i < 20_000; i += 1) list.append(Uint8Array.of(i & 0xff));
  const whole = list.slice();
  expect(whole.length).toBe(20_000);
  expect(list.slice().buffer).toBe(whole.buffer);
});
