/** The parser does not take long for any text, and refuses patterns for which OpenSearch would. */
import { describe, expect, it } from "vitest";
import { parseQuery } from "#contract/query/parse.ts";

describe("a pattern", () => {
  it.each([
    "*a???????",
    "2026-??-??T??:??:??.???Z",
    "*e*r*r*o*r*",
    "*https://acme.example/checkout/payment/confirm?order=4711&session=0123456789abcdef*",
    "*???*",
    String.raw`*what\?\?\?\?\?\?\?\?\?\?\?\?*`,
  ])("is valid if OpenSearch can search for it: %s", (pattern) => {
    expect(parseQuery(pattern)).toMatchObject({ ok: true, query: { kind: "text", match: { op: "like" } } });
  });

  it.each([
    ["a literal follows", `*a????${"x".repeat(500)}`],
    ["equal characters follow", `*${"a?".repeat(4)}${"a".repeat(900)}`],
    ["only ? follow", `*${"?".repeat(900)}`],
    ["many * follow", `*a????${"*b".repeat(400)}`],
  ])("is too complex if %s", (_, pattern) => {
    expect(parseQuery(pattern)).toMatchObject({ ok: false, error: { reason: "too_complex" } });
  });
});

describe("the hint for regular expressions", () => {
  it.each(["/cart/", "/a]b[/", "/users/[id]/A"])("does not take a path for a regular expression: %s", (query) => {
    expect(parseQuery(query)).toMatchObject({ ok: true, hints: [] });
  });

  it("is found quickly in any text", () => {
    const startMs = performance.now();
    for (let i = 0; i < 40; i += 1) {
      parseQuery(`/${"[".repeat(500)}${"]".repeat(500)}`);
      parseQuery(`/${"[]/".repeat(330)}A`);
    }
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});
