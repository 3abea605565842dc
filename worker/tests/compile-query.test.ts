import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileQuery } from "../src/query/compile-query.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 8);

const clauseOf = (text: string): string => JSON.stringify(compileQuery(text, NOW_MS));

describe("a compiled query", () => {
  it.each(["", "*", "level:error OR -x", "a:(b OR c*)", "cart.items:3..5", "message:*foo*", 'user:"a b"'])(
    "is query DSL and never a query string: %s",
    (text) => {
      expect(clauseOf(text)).not.toMatch(/query_string|script|regexp/);
    },
  );

  it("compiles any text, or refuses it with a position in the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const compiled = compileQuery(text, NOW_MS);
        const end = compiled.ok ? 0 : compiled.error.offset + compiled.error.length;
        expect(end).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it("compares numeric attributes by terms with their name", () => {
    expect(clauseOf("cart.items:>3")).toContain(String.raw`{"gt":"cart.items\nMACAAAAAAAAAA","lte":"cart.items\n`);
  });

  it("also searches the attribute of a short name, but not of a full field name", () => {
    expect(clauseOf("version:7")).toContain('"attributes.version"');
    expect(clauseOf("service.version:7")).not.toContain("attributes");
    expect(clauseOf("level:error")).not.toContain("attributes");
  });
});
