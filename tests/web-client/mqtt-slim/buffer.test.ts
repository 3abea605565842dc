/** Compares the shim with Node's Buffer: all methods that mqtt.js and mqtt-packet call return the same results. */
import { Buffer as Original } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Buffer } from "../../../web-client/mqtt-slim/shims/buffer.ts";

const anyBytes = fc.uint8Array({ maxLength: 40 });
/** Including lone surrogates and byte order marks. */
const anyText = fc.string({
  unit: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\ud800", "\udc00", "\ufeff")),
});
const anyBound = fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined });
const hex = (bytes: Uint8Array): string => Original.from(bytes).toString("hex");
const outcomeOf = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return (error as Error).name;
  }
};

describe(Buffer, () => {
  it("encodes and decodes text like Node's Buffer", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(hex(Buffer.from(text, "utf8"))).toBe(hex(Original.from(text, "utf8")));
        expect(Buffer.byteLength(text)).toBe(Original.byteLength(text));
        expect(Buffer.from(text).toString()).toBe(Original.from(text).toString());
      }),
    );
  });

  it("decodes valid and invalid bytes, and parts of them, like Node's Buffer", () => {
    fc.assert(
      fc.property(anyBytes, anyBound, anyBound, (bytes, start, end) => {
        expect(Buffer.from(bytes).toString("utf8", start, end)).toBe(Original.from(bytes).toString("utf8", start, end));
      }),
    );
  });

  it("copies views and arrays and shares an ArrayBuffer", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    for (const Kind of [Original, Buffer]) {
      const copy = Kind.from(bytes);
      const shared = Kind.from(bytes.buffer, 1, 2);
      bytes[1] = 9;
      expect([...copy, ...shared, ...Kind.from([5, 256])]).toEqual([1, 2, 3, 4, 9, 3, 5, 0]);
      bytes[1] = 2;
    }
  });

  it("returns the same slices as Node's Buffer, which share its memory", () => {
    const bound = fc.option(fc.integer({ min: -50, max: 50 }), { nil: undefined });
    fc.assert(
      fc.property(anyBytes, bound, bound, (bytes, start, end) => {
        const [ours, original] = [Buffer.from(bytes), Original.from(bytes)];
        expect(hex(ours.slice(start, end))).toBe(hex(original.subarray(start, end)));
        expect(hex(ours.subarray(start, end))).toBe(hex(original.subarray(start, end)));
        ours.slice(start, end).fill(7);
        original.subarray(start, end).fill(7);
        expect(hex(ours)).toBe(hex(original));
      }),
    );
    expect(Buffer.isBuffer(Buffer.from([1, 2]).subarray(0, 1))).toBe(true);
  });

  it("concatenates and copies like Node's Buffer", () => {
    fc.assert(
      fc.property(fc.array(anyBytes), (parts) => {
        expect(hex(Buffer.concat(parts))).toBe(hex(Original.concat(parts)));
      }),
    );
    const within = fc.integer({ min: 0, max: 8 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 20 }), within, within, anyBound, (bytes, to, from, end) => {
        const [ours, original] = [Buffer.alloc(10), Original.alloc(10)];
        expect(Buffer.from(bytes).copy(ours, to, from, end)).toBe(Original.from(bytes).copy(original, to, from, end));
        expect(hex(ours)).toBe(hex(original));
      }),
    );
  });

  it("writes numbers and text like Node's Buffer", () => {
    const offset = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(anyText, fc.nat(0xff), fc.nat(0xffff_ffff), offset, (text, byte, number, at) => {
        const [ours, original] = [Buffer.alloc(200), Original.alloc(200)];
        expect(ours.write(text, at)).toBe(original.write(text, at));
        expect(ours.writeUInt8(byte, at + 1)).toBe(original.writeUInt8(byte, at + 1));
        expect(ours.writeUInt32BE(number, at)).toBe(original.writeUInt32BE(number, at));
        expect(hex(ours)).toBe(hex(original));
      }),
    );
  });

  it.each(["readUInt8", "readUInt16BE", "readUInt32BE"] as const)(
    "%s returns the same number as Node's Buffer, and throws past the end",
    (method) => {
      fc.assert(
        fc.property(anyBytes, fc.nat(45), (bytes, offset) => {
          expect(outcomeOf(() => Buffer.from(bytes)[method](offset))).toBe(
            outcomeOf(() => Original.from(bytes)[method](offset)),
          );
        }),
      );
    },
  );

  it("isBuffer and byteLength return the same for a Buffer and for other bytes", () => {
    const plain = new Uint8Array(3);
    for (const Kind of [Original, Buffer]) {
      expect(Kind.isBuffer(Kind.alloc(1))).toBe(true);
      expect(Kind.allocUnsafe(2)).toBeInstanceOf(Kind);
      expect(Kind.isBuffer(plain)).toBe(false);
      expect(Kind.isBuffer("text")).toBe(false);
      expect(Kind.byteLength(plain)).toBe(3);
    }
  });

  it("throws for other encodings", () => {
    expect(() => Buffer.from("00", "hex")).toThrow(TypeError);
    expect(() => Buffer.alloc(1).toString("base64")).toThrow(TypeError);
  });
});
