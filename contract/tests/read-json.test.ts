import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "#contract/check/parse-json.ts";
import { readJson, repairOf } from "#contract/check/read-json.ts";

const parse = (text: string): unknown => {
  const json = parseJson(text);
  return json.ok ? json.value : json;
};

const repairsOf = (value: unknown): readonly string[] => [...(repairOf(value as object)?.changes ?? [])];

describe("equal keys", () => {
  it.each([
    ['{"a":1,"b":2,"a":3,"a":1}', { a: 1, b: 2, a_2: 3, a_3: 1 }],
    ['{"a":1,"a_2":2,"a":3}', { a: 1, a_2: 2, a_3: 3 }],
    [String.raw`{"msg":1,"m\u0073g":2}`, { msg: 1, msg_2: 2 }],
    ['[{"a":{"b":null,"b":[]}}]', [{ a: { b: null, b_2: [] } }]],
    ['{"a":1,"a":738529527931269425}', { a: 1, a_2: "738529527931269425" }],
  ])("all have their value: %s", (text, expected) => {
    expect(JSON.parse(JSON.stringify(parse(text)))).toEqual(expected);
  });

  it("are reported by their object and by the objects around it", () => {
    const value = parse('{"a":{"b":1,"b":2},"c":{"d":1}}') as Record<"a" | "c", object>;
    expect(repairsOf(value)).toEqual(["key_renamed"]);
    expect(repairOf(value.a)?.renamed).toEqual(["b_2"]);
    expect(repairOf(value.c)).toBeUndefined();
  });

  it("of __proto__ do not replace the prototype", () => {
    const value = parse('{"__proto__":{"a":1},"__proto__":2}') as object;
    expect(Object.entries(value)).toEqual([
      ["__proto__", { a: 1 }],
      ["__proto___2", 2],
    ]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it("do not take the name of a later key", () => {
    expect(parse('{"a":1,"a":2,"a_2":3}')).toEqual({ a: 1, a_2: 3, a_3: 2 });
  });

  it("are left out after 16 of an object", () => {
    const value = parse(`{${'"a":1,'.repeat(20)}"b":2}`) as object;
    expect(Object.keys(value)).toEqual(["a", "b", ...Array.from({ length: 16 }, (_, i) => `a_${i + 2}`)]);
  });

  it("are read in linear time", () => {
    const start = process.cpuUsage();
    parse(`{${Array(30_000).fill('"a":1').join(",")}}`);
    parse(`{${Array.from({ length: 10_000 }, (_, i) => `"a":1,"a_${i}":2`).join(",")}}`);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1_000).toBeLessThan(2_000);
  });
});

describe("NaN and Infinity", () => {
  it("become texts", () => {
    const value = parse('{"a":NaN,"b":[-Infinity, Infinity ],"c":"NaN"}');
    expect(value).toEqual({ a: "NaN", b: ["-Infinity", "Infinity"], c: "NaN" });
    expect(repairsOf(value)).toEqual(["number_as_text"]);
  });

  it.each(["{NaN:1}", '{"a":-NaN}', '{"a":NaNs}', '{"a":nan}', '{"a":Infinity1}', '["NaN",]', '{"a":"NaN}'])(
    "are nowhere else: %s",
    (text) => {
      expect(parse(text)).toEqual({ ok: false });
    },
  );
});

describe("readJson", () => {
  it("reads what JSON.parse reads", () => {
    // Neither -0 nor a number with more than 15 digits.
    const json = fc.json({ maxDepth: 4 }).filter((text) => !/-0|e|\d{15}/.test(text));
    fc.assert(
      fc.property(json, (text) => {
        expect(readJson(text)).toEqual(JSON.parse(text));
      }),
    );
    const spaced = ' \n{ "a" : [ ] , "b" : [ true , null , -1.5e3 ] , "\\"\\\\" : { } }\t\r';
    expect(readJson(spaced)).toEqual(JSON.parse(spaced));
  });

  it("refuses what JSON.parse refuses", () => {
    const unit = fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "a", "1", "0", ".", "-", "\\", "\n", "true", " ");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        const isJson = (read: (text: string) => unknown): boolean => {
          try {
            read(text);
            return true;
          } catch {
            return false;
          }
        };
        expect(isJson(readJson)).toBe(isJson((each) => JSON.parse(each)));
      }),
      { numRuns: 5_000 },
    );
  });
});
