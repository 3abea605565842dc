import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeNumber, encodeNumber, readValueTerm, toTermRange, toValueTerm } from "#contract/store/value-terms.ts";

const number = fc.double({ noNaN: true });

describe("a number as a term", () => {
  it("sorts as the number does", () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(encodeNumber(a) < encodeNumber(b)).toBe(a < b);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is read back", () => {
    fc.assert(
      fc.property(number, (value) => {
        expect(decodeNumber(encodeNumber(value)) === value).toBe(true);
      }),
    );
  });

  it.each(["", "AAAA", "aaaaaaaaaaaa1"])("is none where it is %j", (text) => {
    expect(decodeNumber(text)).toBeNaN();
  });

  it("lies in a range when the number does, whatever other names there are", () => {
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

describe("a term", () => {
  it("is read back with its name", () => {
    expect(readValueTerm(toValueTerm("a.b", "x\ty") ?? "")).toEqual({ name: "a.b", value: "x\ty" });
    expect(readValueTerm(toValueTerm("a.b", -1.5) ?? "")).toEqual({ name: "a.b", value: -1.5 });
    expect(readValueTerm(toValueTerm("on", true) ?? "")).toEqual({ name: "on", value: "true" });
  });

  it("is not made of a long text, of nothing, or of a name that would be taken for another", () => {
    expect(toValueTerm("a", "x".repeat(257))).toBeUndefined();
    expect(toValueTerm("a", null)).toBeUndefined();
    expect(toValueTerm("a\tb", 1)).toBeUndefined();
  });
});
