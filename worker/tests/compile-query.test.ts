import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseQuery } from "#contract/query/parse.ts";
import { countClauses } from "../src/query/clauses.ts";
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

  it("compares ids in the form in which they are stored, and words also with texts", () => {
    const id = "019AB0C0-1111-7000-8000-000000000001";
    expect(clauseOf(`id:${id}`)).toBe(clauseOf(`id:${id.toLowerCase()}`));
    expect(clauseOf("trace:1-5759e988-bd862e3fe1be46a994272793")).toContain('"5759e988bd862e3fe1be46a994272793"');
    expect(clauseOf("trace:a3ce929d0e0e4736")).toContain('"0000000000000000a3ce929d0e0e4736"');
    expect(clauseOf("span:A3CE929D0E0E473*")).toContain('"a3ce929d0e0e473*"');
    expect(clauseOf(id)).toMatch(/"body":\{"query":"019AB0C0-.*"traceId":\{"value":"019ab0c01111/);
  });

  const words = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `word${i}`);

  it.each([words(64).join(" OR "), words(50).join(" ")])("has at most 1,000 clauses: %#", (text) => {
    const compiled = compileQuery(text, NOW_MS);
    if (!compiled.ok) throw new Error(compiled.error.message);
    expect(countClauses(compiled.clause)).toBeLessThanOrEqual(1_000);
  });

  it("is refused with the limit if it needs more than 1,000 clauses", () => {
    expect(compileQuery(words(64).join(" "), NOW_MS)).toMatchObject({
      ok: false,
      error: { reason: "too_complex", message: expect.stringContaining("1000") },
    });
  });

  it.each([
    ["duration:>500ms", "duration:>500"],
    ["duration:>2s", "duration:>2000"],
    ["duration > 5s", "duration > 5000"],
    ["duration >= 5s", "duration >= 5000"],
    ["duration>5s", "duration>5000"],
    ["duration:> 5s", "duration:> 5000"],
    ["lag > 5m", "lag > 300000"],
    ["-duration:(>1.5s <2s)", "-duration:(>1500 <2s)"],
    ["duration:1s..5s", "duration:1000..5000"],
    ["duration:[* TO 5s]", "duration:[* TO 5000]"],
    ["duration:{1s TO 5s}", "duration:{1000 TO 5000}"],
    ["status:5xx", "status:500..599"],
    ["status != 4*", "status != 400..499"],
    ["geo:5", "geo:*"],
    ["level:(error or fatal)", "level:(error OR fatal)"],
    ["status:(400 or 500)", "status:(400 OR 500)"],
    ['level:("error","fatal")', 'level:("error" OR "fatal")'],
    ["level:error,fatal", "level:(error OR fatal)"],
  ])("has a suggestion for the field if its value is invalid: %s", (text, suggestion) => {
    expect(compileQuery(text, NOW_MS)).toMatchObject({ ok: false, error: { reason: "invalid_value", suggestion } });
    const parsed = parseQuery(suggestion);
    expect(JSON.stringify(parsed)).toContain('"kind":"field"');
    expect(JSON.stringify(parsed)).not.toContain('"kind":"text"');
  });

  it.each([
    ["user>5 x", '"user>5" x'],
    ["level:errro", '"level:errro"'],
    ["level:errro a or b", '"level:errro" a or b'],
  ])("has a suggestion to search for the text if the value has no correction: %s", (text, suggestion) => {
    expect(compileQuery(text, NOW_MS)).toMatchObject({ ok: false, error: { reason: "invalid_value", suggestion } });
  });

  it("reads a date as the whole day, and a minute as the whole minute", () => {
    expect(clauseOf("time:2026-11-17")).toContain(
      `"gte":${Date.UTC(2026, 10, 17)},"lte":${Date.UTC(2026, 10, 18) - 1}`,
    );
    expect(clauseOf("time:<=2026-11-17T08:00Z")).toContain(`"lte":${Date.UTC(2026, 10, 17, 8, 1) - 1}`);
    expect(clauseOf("time:>2026-11-17")).toContain(`"gt":${Date.UTC(2026, 10, 18) - 1}`);
  });

  it("reads quoted values of comparisons and ranges", () => {
    expect(clauseOf('time:>="2026-11-17"')).toBe(clauseOf("time:>=2026-11-17"));
    expect(clauseOf('status:{"500" TO "600"]')).toBe(clauseOf("status:{500 TO 600]"));
  });

  it("reads a number of seconds as the whole second", () => {
    const startMs = Date.UTC(2026, 10, 17, 8);
    expect(clauseOf(`time:${startMs / 1_000}`)).toContain(`"gte":${startMs},"lte":${startMs + 999}`);
    expect(clauseOf(`time:${startMs}`)).toContain(`"gte":${startMs},"lte":${startMs}`);
  });

  it.each(["2026-11-31", "2026-02-30", "2027-02-29T08:00Z", "2026-13-01", "2026-11-00"])(
    "has no time on a day that does not exist: %s",
    (text) => {
      expect(compileQuery(`time:${text}`, NOW_MS)).toMatchObject({ ok: false, error: { reason: "invalid_value" } });
    },
  );

  it("accepts the names of levels that loggers use", () => {
    expect(clauseOf("level:CRIT")).toBe(clauseOf("level:fatal"));
    expect(clauseOf("level:>=notice")).toBe(clauseOf("level:>=info"));
    // flutter_logs has SEVERE for fatal errors, java.util.logging for errors.
    expect(clauseOf("level:severe")).toContain('["error","fatal"]');
    expect(clauseOf("level:>=severe")).toBe(clauseOf("level:>=error"));
  });

  it("accepts the field names of ECS and of flutter_logs, also as names of attributes", () => {
    expect(clauseOf("error.message:boom")).toMatch(/exception\.message.*attributes\.error\.message/);
    expect(clauseOf("host.hostname:web-1")).toMatch(/device\.model\.name.*host\.name.*attributes\.host\.hostname/);
    expect(clauseOf("geo.location:*")).toContain('{"exists":{"field":"geo.location"}}');
    expect(clauseOf("os.api_level:>=997")).toContain('["997","998","999"]');
    expect(clauseOf("topic:logs/shop/*")).toMatch(/"edgelog.app":\{"value":"shop"\}.*wildcard.*edgelog.client/);
  });

  it("ignores words of punctuation only, unless there is nothing else", () => {
    expect(compileQuery("Payment - failed", NOW_MS)).toMatchObject({
      ok: true,
      clause: (compileQuery("Payment failed", NOW_MS) as { clause: unknown }).clause,
    });
    expect(clauseOf("-")).toContain('"value":"-"');
  });
});
