import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText } from "#contract/check/decode-text.ts";
import { hasReplacement, mayHaveLoneSurrogates, repairText } from "#contract/check/repair-text.ts";
import { truncate } from "#contract/wire/shorten.ts";

describe(decodeText, () => {
  const toUtf16 = (text: string, isBigEndian = false): Uint8Array => {
    const bytes = Buffer.from(text, "utf16le");
    return isBigEndian ? bytes.swap16() : bytes;
  };

  it.each([
    ["UTF-16LE without a mark", toUtf16("hello\n"), "hello\n"],
    ["UTF-16BE without a mark", toUtf16("für", true), "für"],
    ["UTF-16LE with a mark", toUtf16("\ufeff€ 1"), "€ 1"],
    ["UTF-8 with a zero byte", Buffer.from("hello \0 world"), "hello \0 world"],
    ["UTF-8 that starts with a zero byte", Buffer.from("\0ab"), "\0ab"],
    ["an empty payload", new Uint8Array(), ""],
  ])("decodes %s", (_, bytes, text) => {
    expect(decodeText(bytes)).toEqual({ text, isLossy: false });
  });

  it("returns undefined for binary data", () => {
    expect(decodeText(Uint8Array.of(0, 255, 1, 0))).toBeUndefined();
  });
});

describe("repairText", () => {
  it("replaces half of a surrogate pair in strings and keys", () => {
    const sent = JSON.parse(String.raw`{"a":"x\ud83d","\udc00":["\ud83dy",{"b":"\ud83d\ude00"}],"__proto__":"\ud83d"}`);
    const repaired = repairText(sent);
    expect(JSON.stringify(repaired)).toBe('{"a":"x�","�":["�y",{"b":"😀"}],"__proto__":"�"}');
    expect(hasReplacement(repaired)).toBe(true);
  });

  it("keeps both values if two keys become equal", () => {
    const sent = JSON.parse(String.raw`{"\ud83d":1,"\ud83e":2,"�":3}`);
    expect(Object.values(repairText(sent) as object).join()).toBe("1,2,3");
  });

  it("returns the same value if there is nothing to replace", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "grapheme" }), (value) => {
        expect(repairText(value)).toBe(value);
      }),
    );
  });

  it("is needed only if the JSON has an escape of a surrogate", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: fc.constantFrom("a", "\\", "u", "\ud83d", "\ude00", "d", '"') }),
        (value) => {
          const json = JSON.stringify(value);
          expect(mayHaveLoneSurrogates(json) || repairText(value) === value).toBe(true);
        },
      ),
    );
  });
});

describe("truncate", () => {
  it("does not cut a character into halves", () => {
    expect(truncate("a😀b", 2)).toBe("a");
    expect(truncate("a😀b", 3)).toBe("a😀");
    expect(truncate("ab", 2)).toBe("ab");
  });
});
