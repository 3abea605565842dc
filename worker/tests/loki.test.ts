/**
 * Loki's push requests as protobuf in snappy.
 */
import fc from "fast-check";
import { compress } from "snappyjs";
import { describe, expect, it } from "vitest";
import { parseLabels, readPushRequest } from "../src/ingest/loki/push-request.ts";
import { decompressSnappy } from "../src/ingest/loki/snappy.ts";
import { measureCpuMs } from "../../tests/support/measure-cpu.ts";

const varint = (value: bigint): readonly number[] =>
  value < 128n ? [Number(value)] : [Number((value & 127n) | 128n), ...varint(value >> 7n)];

const field = (number: number, content: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([number * 8 + 2, ...varint(BigInt(bytes.length))]), bytes]);
};

const number = (fieldNumber: number, value: bigint): Buffer => Buffer.from([fieldNumber * 8, ...varint(value)]);

const pair = (name: string, value: string): Buffer => Buffer.concat([field(1, name), field(2, value)]);

const entry = (seconds: bigint, nanos: bigint, line: string, ...metadata: readonly Buffer[]): Buffer =>
  field(
    2,
    Buffer.concat([
      field(1, Buffer.concat([number(1, seconds), number(2, nanos)])),
      field(2, line),
      ...metadata.map((each) => field(3, each)),
    ]),
  );

const request = Buffer.concat([
  field(
    1,
    Buffer.concat([
      field(1, '{app="shop", path="a\\"b\\\\c"}'),
      entry(1_764_295_300n, 123_456_789n, "Grüße 😀", pair("trace_id", "5b8e")),
      entry(1n, 0n, "second"),
    ]),
  ),
]);

describe("a push request", () => {
  it("is the same as in JSON", () => {
    const streams = [
      {
        stream: { app: "shop", path: 'a"b\\c' },
        values: [
          ["1764295300123456789", "Grüße 😀", { trace_id: "5b8e" }],
          ["1000000000", "second"],
        ],
      },
    ];
    expect(readPushRequest(compress(request))).toEqual({ ok: true, value: { streams } });
  });

  it.each([
    ["too_large", 4_194_304, Buffer.alloc(4_194_305)],
    ["too_many_events", 10_000, field(1, Buffer.concat(Array.from({ length: 10_001 }, () => entry(1n, 0n, "a"))))],
  ])("is refused with the limit that it exceeds: %s", (reason, limit, bytes) => {
    const message: unknown = expect.stringContaining(`at most ${limit}`);
    expect(readPushRequest(compress(bytes))).toEqual({ ok: false, violation: { reason, message, limit } });
  });

  it("keeps labels of another form", () => {
    expect(parseLabels("{}")).toEqual({});
    expect(parseLabels("app=shop")).toEqual({ labels: "app=shop" });
    expect(parseLabels('{a="b", c}')).toEqual({ labels: '{a="b", c}' });
  });

  it("has labels that are read in time proportional to their size", () => {
    const labels = `{${"a".repeat(4_000_000)}`;
    const takenMs = measureCpuMs(() => {
      expect(parseLabels(labels)).toEqual({ labels });
    });
    expect(takenMs).toBeLessThan(2_500);
  });

  it("is read or refused, even if its bytes are mutated", () => {
    const valid = compress(request);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(valid.length - 1), fc.nat(255), (bytes, at, byte) => {
        expect(typeof readPushRequest(bytes).ok).toBe("boolean");
        const mutated = Uint8Array.from(valid);
        mutated[at] = byte;
        expect(typeof readPushRequest(mutated).ok).toBe("boolean");
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("snappy", () => {
  it("is decompressed up to a limit", () => {
    const text = "abcabcabc ".repeat(10_000);
    const compressed = compress(Buffer.from(text));
    expect(Buffer.from(decompressSnappy(compressed, text.length) ?? []).toString()).toBe(text);
    expect(decompressSnappy(compressed, text.length - 1)).toBe("too_large");
  });

  it.each([
    ["a length above 2^31, which the library would repeat without end", [10, 0xfc, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0, 0]],
    ["more than the length in its header", [1, 0x04, 0x61, 0x61]],
    ["a header without an end", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ["nothing", []],
  ])("is refused if it has %s", (_name, bytes) => {
    expect(decompressSnappy(Uint8Array.from(bytes), 1_000_000)).toBeUndefined();
  });
});
