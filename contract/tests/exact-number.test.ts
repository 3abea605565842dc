import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareDecimals, ExactNumber, toDecimal } from "#contract/check/exact-number.ts";
import { parseJson } from "#contract/check/parse-json.ts";

const parse = (text: string): unknown => {
  const parsed = parseJson(text);
  return parsed.ok ? parsed.value : parsed;
};

/** Digits of a number in JSON's notation. */
const literal = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.constantFrom("0", "1", "9007199254740993", "738529527931269425", "12"),
    fc.option(fc.stringMatching(/^\d{1,25}$/), { nil: undefined }),
    fc.option(fc.integer({ min: -400, max: 400 }), { nil: undefined }),
  )
  .map(([sign, whole, fraction, power]) =>
    [sign, whole, fraction === undefined ? "" : `.${fraction}`, power === undefined ? "" : `e${power}`].join(""),
  );

describe("parseJson", () => {
  it.each([
    "738529527931269425",
    "1e400",
    "-1e400",
    "1e-400",
    "0.1000000000000000055",
    "-0",
    "-0.0",
    "9007199254740993",
  ])("keeps the digits of %s", (digits) => {
    expect(parse(`{"a":[${digits}]}`)).toEqual({ a: [new ExactNumber(digits)] });
    expect(JSON.stringify(parse(digits))).toBe(`"${digits}"`);
  });

  it.each(["0", "1.50", "1e2", "0.1", "-5", "9007199254740992", "1.0000000000000000", "100000000000000000000000"])(
    "parses %s, which a double represents, as a number",
    (digits) => {
      expect(parse(digits)).toBe(Number(digits));
    },
  );

  it("does not change strings with digits", () => {
    expect(parse('{"738529527931269425":"738529527931269425"}')).toEqual({
      "738529527931269425": "738529527931269425",
    });
  });

  it("returns every number with its value", () => {
    fc.assert(
      fc.property(literal, (digits) => {
        const value = parse(digits);
        const [sent, kept] = [toDecimal(digits), toDecimal(String(value))];
        expect(sent !== undefined && kept !== undefined && compareDecimals(sent, kept) === 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("compareDecimals", () => {
  it("has the order of the values", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), fc.integer({ min: -5, max: 5 }), (a, b, power) => {
        const [left, right] = [toDecimal(`${a}e${power}`), toDecimal(`${b}e${power}`)];
        if (left === undefined || right === undefined) throw new Error("not a number");
        expect(Math.sign(compareDecimals(left, right))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});
