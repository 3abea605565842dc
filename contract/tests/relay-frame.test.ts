import { describe, expect, it } from "vitest";
import { decodeRelayFrame, encodeRelayFrame } from "#contract/relay/relay-frame.ts";

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
    ["additional bytes", '{"v":1,"messages":[]}\nabc'],
  ])("rejects %s", (_, text) => {
    expect(decodeRelayFrame(new TextEncoder().encode(text))).toBeUndefined();
  });
});
