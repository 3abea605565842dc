import fc from "fast-check";
import mqttPacket, { type IPublishPacket, type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { skipUserProperties } from "../src/skip-user-properties.ts";

const V5 = { protocolVersion: 5 } as const;

const toPublish = (
  properties: NonNullable<IPublishPacket["properties"]>,
  payload: string | Buffer = "&payload",
): Buffer =>
  mqttPacket.generate(
    { cmd: "publish", topic: "logs/shop/c1", payload, qos: 1, messageId: 7, dup: false, retain: false, properties },
    V5,
  );

const text = fc.string({ maxLength: 12 });
const publish = fc
  .record({
    properties: fc.record(
      {
        userProperties: fc.dictionary(text, fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 4 }))),
        responseTopic: text,
        correlationData: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
        messageExpiryInterval: fc.nat(100),
        contentType: text,
      },
      { requiredKeys: [] },
    ),
    // A payload can start with the identifier of user properties, and with a complete one.
    payload: fc.oneof(text, fc.constantFrom("&", "&\0\0\0\0", "&\0\u0001")),
  })
  .map(({ properties, payload }) => toPublish(properties, payload));

/** Packets of which some are malformed: bytes are replaced, and the packet can be shorter or longer than its length. */
const streams = fc.record({
  packets: fc.array(publish, { minLength: 1, maxLength: 3 }),
  changes: fc.array(fc.record({ part: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }), {
    maxLength: 2,
  }),
  chunk: fc.integer({ min: 1, max: 80 }),
});
type Stream = typeof streams extends fc.Arbitrary<infer T> ? T : never;

/** Everything that the parser emits for a stream, without user properties. */
const parse = ({ packets, changes, chunk }: Stream): readonly string[] => {
  const bytes = Buffer.concat(packets);
  for (const { part, byte } of changes) bytes[Math.floor(part * (bytes.length - 1))] = byte;
  const emitted: string[] = [];
  const parser = mqttPacket.parser(V5);
  parser.on("packet", ({ ...packet }: Packet & { properties?: IPublishPacket["properties"] }) => {
    if (packet.properties?.userProperties !== undefined) packet.properties.userProperties = {};
    emitted.push(JSON.stringify(packet));
  });
  parser.on("error", (error: unknown) => emitted.push(String(error)));
  try {
    for (let i = 0; i < bytes.length; i += chunk) parser.parse(bytes.subarray(i, i + chunk));
  } catch (error) {
    emitted.push(String(error));
  }
  return emitted;
};

/** Number of reads of received bytes while a packet with this number of user properties is parsed. */
const countReads = (userProperties: number): number => {
  const bytes = toPublish({ userProperties: { "": Array.from({ length: userProperties }, () => "") } });
  const parser = mqttPacket.parser(V5) as ReturnType<typeof mqttPacket.parser> & { _list: object };
  let reads = 0;
  parser._list = new Proxy(parser._list, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      reads += 1;
      return value.bind(target);
    },
  });
  const packets: Packet[] = [];
  parser.on("packet", (packet) => packets.push(packet));
  parser.parse(bytes);
  expect(packets).toMatchObject([{ payload: Buffer.from("&payload"), messageId: 7 }]);
  return reads;
};

describe(skipUserProperties, () => {
  it("makes a message with 200,000 user properties as cheap as one with one, and changes nothing else", () => {
    const samples = fc.sample(streams, { numRuns: 1_000, seed: 1 });
    const before = samples.map(parse);
    const readsBefore = countReads(1_000) - countReads(1);
    skipUserProperties();
    expect(samples.map(parse)).toEqual(before);
    expect(before.flat().filter((event) => event.includes("Error")).length).toBeGreaterThan(100);
    expect(before.flat().filter((event) => event.includes("userProperties")).length).toBeGreaterThan(100);
    expect(readsBefore).toBeGreaterThan(1_000);
    // A few more, because the length of the packet and that of its properties have more bytes.
    expect(countReads(200_000)).toBeLessThan(countReads(1) + 20);
  }, 60_000);
});
