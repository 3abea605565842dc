import { describe, expect, it } from "vitest";
import { matchTextPattern } from "../src/query/text-pattern.ts";

const wildcard = (value: string): object => ({ wildcard: { body: { value, case_insensitive: true } } });

describe("matchTextPattern", () => {
  it.each(["check*", "CHECK*", "wom?n"])("compares %s, which is one word, with the words", (pattern) => {
    expect(matchTextPattern("body", pattern)).toEqual(wildcard(pattern));
  });

  it.each([
    ["java.lang.Null*", ["java", "lang", "null*"]],
    ["*.findOne", ["findone"]],
    ["payment_fail?d", ["payment", "fail?d"]],
    ["Café*", ["cafe*"]],
    [String.raw`/items\?page=*2`, ["items", "page", "*2"]],
  ])("compares each word of %s", (pattern, words) => {
    const each = words.map(wildcard);
    const all = each.length === 1 ? each[0] : { bool: { filter: each } };
    expect(matchTextPattern("body", pattern)).toEqual({
      bool: { should: [wildcard(pattern), all], minimum_should_match: 1 },
    });
  });
});
