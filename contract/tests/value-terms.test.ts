import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeNumber, encodeNumber, readValueTerm, toTermRange, toValueTerm } from "#contract/store/value-terms.ts";

const number = fc.double({ noNaN: true });

describe("encodeNumber", () => {
  it("sorts in numeric order", () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(encodeNumber(a) < encodeNumber(b)).toBe(a < b);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is reversed by decodeNumber", () => {
    fc.assert(
      fc.property(number, (value) => {
        expect(decodeNumber(encodeNumber(value)) === value).toBe(true);
      }),
    );
  });

  it.each(["", "AAAA", "aaaaaaaaaaaa1"])("decodeNumber returns NaN for %j", (text) => {
    expect(decodeNumber(text)).toBeNaN();
  });

  it("is in a range of terms if and only if name and number match", () => {
    const name = fc.string({ maxLength: 6 }).filter((text) => !/[\t\n]/.test(text));
    fc.assert(
      fc.property(name, name, number, number, number, (own, other, value, from, to) => {
        const { gte = "", lt = "" } = toTermRange(own, { gte: from, lt: to });
        const term = toValueTerm(other, value) ?? "";
        expect(term >= gte && term < lt).toBe(own === other && value >= from && value < to);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("toValueTerm", () => {
  it("is reversed by readValueTerm", () => {
    expect(readValueTerm(toValueTerm("a.b", "x\ty") ?? "")).toEqual({ name: "a.b", value: "x\ty", isNumber: false });
    expect(readValueTerm(toValueTerm("a.b", -1.5) ?? "")).toEqual({ name: "a.b", value: -1.5, isNumber: true });
    expect(readValueTerm(toValueTerm("on", true) ?? "")).toEqual({ name: "on", value: "true", isNumber: false });
  });

  it("returns undefined for a long string, for null, and for a name with a TAB", () => {
    expect(toValueTerm("a", "x".repeat(257))).toBeUndefined();
    expect(toValueTerm("a", null)).toBeUndefined();
    expect(toValueTerm("a\tb", 1)).toBeUndefined();
  });
});
