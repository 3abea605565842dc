import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isUsableId } from "#contract/check/normalize-event.ts";
import { isUuid, readHex } from "#contract/wire/uuid.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PLACEHOLDER = /^(?:0{8}-0{4}-0{4}-0{4}-0{12}|f{8}-f{4}-f{4}-f{4}-f{12})$/i;

/** Texts that are UUIDs or differ from one in a few characters. */
const texts = fc
  .tuple(
    fc.oneof(
      fc.uuid(),
      fc.constantFrom("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    ),
    fc.array(
      fc.tuple(fc.nat(37), fc.constantFrom("0", "9", "a", "F", "f", "g", "G", "/", ":", "@", "`", "-", "é", "\0", "")),
    ),
    fc.boolean(),
  )
  .map(([id, changes, isUpper]) => {
    let text = isUpper ? id.toUpperCase() : id;
    for (const [at, character] of changes.slice(0, 3)) text = text.slice(0, at) + character + text.slice(at + 1);
    return text;
  });

describe("a UUID", () => {
  it("is recognized as by the regular expressions", () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.string(), fc.anything()), (value) => {
        const isExpected = typeof value === "string" && UUID.test(value);
        expect(isUuid(value)).toBe(isExpected);
        expect(isUsableId(value)).toBe(isExpected && !PLACEHOLDER.test(value));
      }),
      { numRuns: 10_000 },
    );
  });

  it("has the numbers that parseInt reads", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.boolean(), (id, isUpper) => {
        const sent = isUpper ? id.toUpperCase() : id;
        expect(readHex(sent, 0, 8)).toBe(Number.parseInt(id.slice(0, 8), 16));
        expect(readHex(sent, 24, 36)).toBe(Number.parseInt(id.slice(24), 16));
      }),
    );
  });
});
