import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeRelayFrame,
  encodeRelayFrame,
  parseRelayResponse,
  receivedRelayResponseSchema,
} from "#contract/relay/relay-frame.ts";

const message = (n: number, payload: Uint8Array) => ({
  id: `019ab0c0-1111-7000-8000-00000000000${n}`,
  topic: "logs/shop/c1",
  payload,
});

describe("decodeRelayFrame", () => {
  it("returns every byte of every payload", () => {
    const messages = [
      message(1, new Uint8Array()),
      message(2, Uint8Array.of(0, 10, 255)),
      message(3, Buffer.from("{}\n")),
    ];
    const decoded = decodeRelayFrame(encodeRelayFrame({ messages }));
    expect(decoded?.messages.map(({ id, topic, payload }) => ({ id, topic, payload: [...payload] }))).toEqual(
      messages.map(({ id, topic, payload }) => ({ id, topic, payload: [...payload] })),
    );
  });

  it.each([0, 500, 10_000])("returns the same frame that was written to memory of %d bytes", (size) => {
    const messages = [message(1, new Uint8Array(300).fill(7)), message(2, Uint8Array.of(1, 2))];
    const memory = new Uint8Array(size).fill(255);
    const frame = encodeRelayFrame({ messages }, memory);
    expect([...frame]).toEqual([...encodeRelayFrame({ messages })]);
    expect(frame.buffer === memory.buffer).toBe(frame.byteLength <= size);
  });

  it("returns the time of sending and the set-aside flag", () => {
    const decoded = decodeRelayFrame(encodeRelayFrame({ messages: [], sentAtMs: 1_764_288_000_000, setAside: true }));
    expect(decoded).toEqual({ messages: [], sentAtMs: 1_764_288_000_000, setAside: true });
  });

  it("accepts a header without them, as older relays send it", () => {
    const decoded = decodeRelayFrame(new TextEncoder().encode('{"v":1,"messages":[]}\n'));
    expect(decoded).toEqual({ messages: [], sentAtMs: undefined, setAside: undefined });
  });

  it.each([
    ["an empty body", ""],
    ["a body without a header", "hello"],
    ["a header that is not JSON", "{\n"],
    ["a header of another version", '{"v":2,"messages":[]}\n'],
    ["a truncated payload", '{"v":1,"messages":[["019ab0c0-1111-7000-8000-000000000001","t",5]]}\nabc'],
    ["an id that is not a UUID", '{"v":1,"messages":[["1","t",0]]}\n'],
    ["a topic that is not a string", '{"v":1,"messages":[["019ab0c0-1111-7000-8000-000000000001",1,0]]}\n'],
    ["a negative size", '{"v":1,"messages":[["019ab0c0-1111-7000-8000-000000000001","t",-1]]}\n'],
    ["a size that is not a whole number", '{"v":1,"messages":[["019ab0c0-1111-7000-8000-000000000001","t",0.5]]}\n'],
    ["an entry with a fourth element", '{"v":1,"messages":[["019ab0c0-1111-7000-8000-000000000001","t",0,0]]}\n'],
    ["an entry that is not an array", '{"v":1,"messages":[{}]}\n'],
    ["additional bytes", '{"v":1,"messages":[]}\nabc'],
  ])("rejects %s", (_, text) => {
    expect(decodeRelayFrame(new TextEncoder().encode(text))).toBeUndefined();
  });
});

/** A value of each JSON type, and numbers that are not valid counts. */
const anything = fc.constantFrom<unknown>(null, true, "text", "", 0, 1, -1, 1.5, 2 ** 53, [], [0], {}, { v: 1 });

/** Usually `valid`, otherwise another value or no value at all. */
const mostly = <T>(valid: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 12, arbitrary: valid },
    { weight: 1, arbitrary: anything },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );

const rejectedEvents = fc.array(
  fc.record({
    reason: mostly(fc.constantFrom("too_long", "a_later_reason")),
    message: mostly(fc.constant("too long")),
    index: mostly(fc.nat()),
  }),
  { maxLength: 2 },
);

const receipts = fc.record({
  v: mostly(fc.constant(1)),
  batch: mostly(fc.uuid()),
  stored: mostly(fc.nat()),
  duplicates: mostly(fc.nat()),
  rejected: mostly(fc.oneof(fc.constant([]), rejectedEvents)),
  unfinished: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: mostly(fc.array(fc.nat())) },
  ),
  later: mostly(fc.constant(undefined)),
});

const outcomes = fc.record({
  state: mostly(fc.constantFrom("done", "done", "done", "retry", "deferred", "later")),
  receipt: mostly(receipts),
});

describe("parseRelayResponse", () => {
  it("gives the same results as the schema", () => {
    const states = new Set<string>();
    fc.assert(
      fc.property(mostly(fc.constant(1)), mostly(fc.array(mostly(outcomes), { maxLength: 3 })), (v, list) => {
        const body: unknown = JSON.parse(JSON.stringify({ v, outcomes: list }));
        const expected = receivedRelayResponseSchema.safeParse(body).data?.outcomes;
        expect(parseRelayResponse(body)).toEqual(expected);
        for (const { state } of expected ?? []) states.add(state);
      }),
      { numRuns: 5_000 },
    );
    expect(states).toEqual(new Set(["done", "retry", "deferred"]));
  });

  it.each([undefined, null, "", [], 1])("rejects a body that is %j", (body) => {
    expect(parseRelayResponse(body)).toBeUndefined();
  });
});
