import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_JSON_DEPTH, MAX_JSON_MEMBERS } from "#contract/wire/limits.ts";
import { checkJson } from "#contract/check/check-json.ts";

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

describe(checkJson, () => {
  it("accepts a text at the limits and rejects one beyond them", () => {
    expect(checkJson(nested(MAX_JSON_DEPTH))).toBeUndefined();
    expect(checkJson(nested(MAX_JSON_DEPTH + 1))).toMatchObject({ reason: "too_deep", limit: MAX_JSON_DEPTH });
    const numbers = (members: number): string => `[${Array(members).fill("1").join(",")}]`;
    expect(checkJson(numbers(MAX_JSON_MEMBERS))).toBeUndefined();
    expect(checkJson(numbers(MAX_JSON_MEMBERS + 1))).toMatchObject({ reason: "too_many_attributes" });
  });

  it("ignores brackets in strings, with any escaping", () => {
    const brackets = "[".repeat(100);
    expect(checkJson(JSON.stringify({ a: brackets, [`\\"${brackets}`]: `\\\\"${brackets}` }))).toBeUndefined();
    expect(checkJson(`["\\\\",${nested(MAX_JSON_DEPTH)}]`)).toMatchObject({ reason: "too_deep" });
  });

  it("does not add up the depth of siblings", () => {
    expect(checkJson(`[${Array(100).fill(nested(10)).join(",")}]`)).toBeUndefined();
  });

  it("accepts all valid JSON within the limits", () => {
    for (const text of fc.sample(fc.json({ maxDepth: 5 }), 500)) expect(checkJson(text)).toBeUndefined();
  });

  it("terminates for any text", () => {
    const text = fc.string({ unit: fc.constantFrom('"', "\\", "[", "]", "{", "}", ",", "a"), maxLength: 100 });
    for (const each of fc.sample(text, 500)) expect(["undefined", "object"]).toContain(typeof checkJson(each));
  });
});
