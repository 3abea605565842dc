/**
 * Compares mqtt-packet built with the shims and mqtt-packet as published: both encode every type of packet to the same
 * bytes, parse these bytes, in chunks of any size, to the same packet, and reject the same packets with the same
 * message.
 */
import fc from "fast-check";
import type { Packet, Parser } from "mqtt-packet";
import { beforeAll, describe, expect, it } from "vitest";
import { buildPackets, type Built } from "../../support/mqtt-slim/build-packets.ts";
import { mqttPacket } from "../../support/mqtt-slim/originals.ts";
import { refusedPackets, samplePackets } from "../../support/mqtt-slim/sample-packets.ts";

let slim: Built;
beforeAll(async () => {
  slim = await buildPackets();
});

type Outcome = { packet: unknown } | { error: string };

/** Converts bytes to hexadecimal text, so that both kinds of Buffer are equal, but differ from arrays of numbers. */
const toComparable = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return value.map(toComparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toComparable(item)]));
};

const parse = (parser: Parser, bytes: Uint8Array, chunkBytes: number): Outcome[] => {
  const outcomes: Outcome[] = [];
  parser.on("packet", (packet: Packet) => outcomes.push({ packet: toComparable(packet) }));
  parser.on("error", (error: unknown) => outcomes.push({ error: (error as Error).message }));
  try {
    for (let i = 0; i < bytes.length; i += chunkBytes) parser.parse(Buffer.from(bytes.subarray(i, i + chunkBytes)));
  } catch (error) {
    outcomes.push({ error: (error as Error).name });
  }
  return outcomes;
};

const generate = (packet: typeof mqttPacket, value: Packet, protocolVersion: number): string => {
  try {
    return Buffer.from(packet.generate(value, { protocolVersion })).toString("hex");
  } catch (error) {
    return (error as Error).message;
  }
};

/** Replaces the bytes in a packet with the shim's Buffers, which packets contain in a browser. */
const withShimBuffers = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return slim.Buffer.from(value);
  if (Array.isArray(value)) return value.map(withShimBuffers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withShimBuffers(item)]));
};

describe.each([4, 5])("MQTT %i", (protocolVersion) => {
  const samples = samplePackets(protocolVersion);

  it.each(samples.map((packet) => [packet.cmd, packet] as const))(
    "encodes and parses %s like mqtt-packet",
    (_, packet) => {
      const hex = generate(mqttPacket, packet, protocolVersion);
      expect(hex).toMatch(/^[0-9a-f]{4,}$/);
      expect(generate(slim.packet, withShimBuffers(packet) as Packet, protocolVersion)).toBe(hex);
      const bytes = Buffer.from(hex, "hex");
      for (const chunkBytes of [1, 3, bytes.length]) {
        const expected = parse(mqttPacket.parser({ protocolVersion }), bytes, chunkBytes);
        expect(expected).toHaveLength(1);
        expect(expected[0]).toHaveProperty("packet.cmd", packet.cmd);
        expect(parse(slim.packet.parser({ protocolVersion }), bytes, chunkBytes)).toEqual(expected);
      }
    },
  );

  it("parses all packets of one stream", () => {
    const bytes = Buffer.concat(
      samples.map((packet) => Buffer.from(generate(mqttPacket, packet, protocolVersion), "hex")),
    );
    for (const chunkBytes of [1, 7, 64, bytes.length]) {
      const expected = parse(mqttPacket.parser({ protocolVersion }), bytes, chunkBytes);
      expect(expected).toHaveLength(samples.length);
      expect(parse(slim.packet.parser({ protocolVersion }), bytes, chunkBytes)).toEqual(expected);
    }
  });

  it.each(refusedPackets)("rejects %j with the same message as mqtt-packet", (packet) => {
    const [ours, original] = [slim.packet, mqttPacket].map((each) =>
      generate(each, packet as unknown as Packet, protocolVersion),
    );
    expect(original).not.toMatch(/^[0-9a-f]{4,}$/);
    expect(ours).toBe(original);
  });

  it("parses any bytes, including malformed packets, to the same result as mqtt-packet", () => {
    const short = samples
      .map((packet) => Buffer.from(generate(mqttPacket, packet, protocolVersion), "hex"))
      .filter(({ length }) => length < 1_000);
    const valid = fc.constantFrom(...short);
    const broken = fc.tuple(valid, fc.nat(), fc.nat(255)).map(([bytes, at, value]) => {
      const copy = Uint8Array.from(bytes);
      copy[at % copy.length] = value;
      return copy;
    });
    fc.assert(
      fc.property(
        fc.oneof(broken, fc.uint8Array({ minLength: 1, maxLength: 30 })),
        fc.integer({ min: 1, max: 9 }),
        (bytes, chunk) => {
          expect(parse(slim.packet.parser({ protocolVersion }), bytes, chunk)).toEqual(
            parse(mqttPacket.parser({ protocolVersion }), bytes, chunk),
          );
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

it("MQTT 5 PUBLISH packets with any topic, payload and properties have the same bytes as those of mqtt-packet", () => {
  const anyText = fc.string({ unit: "binary", minLength: 1 });
  const anyPayload = fc.oneof(
    anyText,
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  );
  const properties = fc.record({
    contentType: anyText,
    responseTopic: anyText,
    correlationData: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)),
    userProperties: fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => key !== "__proto__"),
      anyText,
    ),
    messageExpiryInterval: fc.nat(0xffff_ffff),
  });
  fc.assert(
    fc.property(
      anyText,
      anyPayload,
      properties,
      fc.integer({ min: 1, max: 0xffff }),
      (topic, payload, properties, messageId) => {
        const packet = {
          cmd: "publish",
          qos: 1,
          retain: false,
          dup: false,
          topic,
          payload,
          properties,
          messageId,
        } as const;
        const ours = generate(slim.packet, withShimBuffers(packet) as Packet, 5);
        expect(ours).toBe(generate(mqttPacket, packet, 5));
      },
    ),
  );
});

it("mqtt.js's store returns its packets in order", async () => {
  const store = new slim.Store();
  for (let messageId = 1; messageId <= 30; messageId += 1) {
    store.put({ cmd: "publish", messageId, topic: "t", payload: "p", qos: 1, dup: false, retain: false }, () => {});
  }
  const stream = store.createStream();
  const seen: unknown[] = [];
  await new Promise<void>((resolve) => {
    stream.on("end", () => resolve());
    const deliver = (): void => {
      const packet = stream.read(1) as Packet | null;
      if (packet === null) return;
      seen.push(packet.messageId);
      setTimeout(deliver);
    };
    deliver();
  });
  expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
});
