import { createRequire } from "node:module";
import fc from "fast-check";
import mqttPacket, { type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { ByteList } from "../replacements/byte-list.ts";

interface List extends Pick<ByteList, "length" | "slice" | "readUInt8" | "readUInt16BE" | "readUInt32BE"> {
  append(bytes: Buffer): unknown;
  consume(bytes: number): unknown;
  toString(encoding: "utf8", start: number, end: number): string;
}

const require = createRequire(createRequire(import.meta.url).resolve("mqtt-packet"));
const bl = require("bl") as () => List;

const actions = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("append" as const), bytes: fc.uint8Array({ maxLength: 40 }) }),
    fc.record({ kind: fc.constant("consume" as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ kind: fc.constant("read" as const), start: fc.nat(60), size: fc.nat(60) }),
  ),
  { maxLength: 30 },
);
type Action = typeof actions extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

/** Performs an action and returns everything that it reads, and the length afterwards. */
const perform = (list: List, action: Action): unknown => {
  if (action.kind === "append") list.append(Buffer.from(action.bytes));
  if (action.kind === "consume") list.consume(Math.round(action.part * list.length));
  if (action.kind !== "read") return list.length;
  const start = Math.min(action.start, list.length);
  const end = Math.min(start + action.size, list.length);
  const left = list.length - start;
  return {
    length: list.length,
    bytes: list.slice(start, end).toString("hex"),
    text: list.toString("utf8", start, end),
    one: left < 1 ? undefined : list.readUInt8(start),
    two: left < 2 ? undefined : list.readUInt16BE(start),
    four: left < 4 ? undefined : list.readUInt32BE(start),
  };
};

describe(ByteList, () => {
  it("gives the same bytes and numbers as the package that it replaces", () => {
    fc.assert(
      fc.property(actions, (list) => {
        const own = new ByteList();
        const reference = bl();
        expect(list.map((action) => perform(own, action))).toEqual(list.map((action) => perform(reference, action)));
      }),
      { numRuns: 3_000 },
    );
  });

  it("has every method that the parser of mqtt-packet calls", () => {
    const parser = mqttPacket.parser({ protocolVersion: 5 });
    const list = new ByteList();
    const calls = new Set<PropertyKey>();
    Object.assign(parser, {
      _list: new Proxy(list, {
        get(target, name) {
          calls.add(name);
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      }),
    });
    const packets: Packet[] = [];
    parser.on("packet", (packet) => packets.push(packet));
    const payload = Buffer.alloc(300, "x");
    const publish = mqttPacket.generate(
      {
        cmd: "publish",
        topic: "logs/shop/c1",
        payload,
        qos: 1,
        messageId: 7,
        dup: false,
        retain: false,
        properties: {
          responseTopic: "receipts/shop/c1",
          correlationData: Buffer.from("1"),
          messageExpiryInterval: 60,
          userProperties: { a: "b" },
        },
      },
      { protocolVersion: 5 },
    );
    const connack = mqttPacket.generate(
      { cmd: "connack", reasonCode: 0, sessionPresent: true, properties: { receiveMaximum: 20 } },
      { protocolVersion: 5 },
    );
    const stream = Buffer.concat([connack, publish, publish]);
    for (let i = 0; i < stream.length; i += 11) parser.parse(stream.subarray(i, i + 11));
    expect(packets.map(({ cmd }) => cmd)).toEqual(["connack", "publish", "publish"]);
    expect(packets[2]).toMatchObject({ messageId: 7, topic: "logs/shop/c1", payload });
    expect([...calls].filter((name) => !(name in list))).toEqual([]);
  });
});
