import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatQuery } from "#contract/query/format.ts";
import { MAX_QUERY_DEPTH, MAX_QUERY_NODES } from "#contract/wire/limits.ts";
import { parseQuery } from "#contract/query/parse.ts";
import { findEmptyResultHints } from "#contract/query/empty-hints.ts";
import type { QueryNode } from "#contract/query/ast.ts";

/** A tree without its spans, which change when the tree is formatted. */
const withoutSpans = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => (key === "span" || key === "valueSpan" ? undefined : inner)),
  );

const parse = (text: string): unknown => {
  const result = parseQuery(text);
  if (!result.ok) throw new Error(`${result.error.message} at ${result.error.offset}`);
  return withoutSpans(result.query ?? {});
};

const is = (value: string, isPhrase = false) => ({ op: "is", value, isPhrase });
const text = (value: string, isPhrase = false) => ({ kind: "text", match: is(value, isPhrase) });
const field = (name: string, match: object) => ({ kind: "field", field: name, match });

describe("parseQuery", () => {
  it.each([
    ["", {}],
    ["   ", {}],
    ["checkout", text("checkout")],
    ['"payment failed"', text("payment failed", true)],
    ["check*", { kind: "text", match: { op: "like", pattern: "check*" } }],
    ["100\\*", text("100*")],
    ["-bot", { kind: "not", node: text("bot") }],
    ["NOT bot", { kind: "not", node: text("bot") }],
    ["a - b", { kind: "and", nodes: [text("a"), text("-"), text("b")] }],
    ["level:error", field("level", is("error"))],
    ["level:>=warn", field("level", { op: "compare", comparison: ">=", value: "warn" })],
    ["user.email:*@acme.com", field("user.email", { op: "like", pattern: "*@acme.com" })],
    ["duration:>500", field("duration", { op: "compare", comparison: ">", value: "500" })],
    ["status:500..599", field("status", { op: "range", from: "500", to: "599" })],
    ["cart.items:..3", field("cart.items", { op: "range", from: undefined, to: "3" })],
    ["balance:-5", field("balance", is("-5"))],
    ["user.id:*", field("user.id", { op: "exists" })],
    ['"my key":x', field("my key", is("x"))],
    ["time:>=2026-11-17T08:00:00Z", field("time", { op: "compare", comparison: ">=", value: "2026-11-17T08:00:00Z" })],
    ["level:(warn OR error)", { kind: "or", nodes: [field("level", is("warn")), field("level", is("error"))] }],
    ["level:(warn error)", { kind: "or", nodes: [field("level", is("warn")), field("level", is("error"))] }],
    ["-app:(a b)", { kind: "not", node: { kind: "or", nodes: [field("app", is("a")), field("app", is("b"))] } }],
    ["app:(a AND b)", { kind: "and", nodes: [field("app", is("a")), field("app", is("b"))] }],
    ["app:(a -b)", { kind: "and", nodes: [field("app", is("a")), { kind: "not", node: field("app", is("b")) }] }],
    ["message:(a b)", { kind: "and", nodes: [field("message", is("a")), field("message", is("b"))] }],
    ["session.id:(a b)", { kind: "or", nodes: [field("session.id", is("a")), field("session.id", is("b"))] }],
    ["tags:(a b)", { kind: "and", nodes: [field("tags", is("a")), field("tags", is("b"))] }],
    [
      "lag:(>5 <9)",
      {
        kind: "and",
        nodes: [
          field("lag", { op: "compare", comparison: ">", value: "5" }),
          field("lag", { op: "compare", comparison: "<", value: "9" }),
        ],
      },
    ],
    ["app:(-demo)", { kind: "not", node: field("app", is("demo")) }],
    ["a b OR c", { kind: "or", nodes: [{ kind: "and", nodes: [text("a"), text("b")] }, text("c")] }],
    ["a AND (b OR c)", { kind: "and", nodes: [text("a"), { kind: "or", nodes: [text("b"), text("c")] }] }],
  ])("parses %j", (query, expected) => {
    expect(parse(query)).toEqual(withoutSpans(expected));
  });

  it.each(["device", "tag", "type", "service", "shortened", "edgelog.shortened", "host.type"])(
    "joins values of %s by AND, because a log may have several",
    (name) => {
      expect(parse(`${name}:(a b)`)).toEqual({ kind: "and", nodes: [field(name, is("a")), field(name, is("b"))] });
    },
  );

  it.each([
    ["TypeError: x", { kind: "and", nodes: [text("TypeError:"), text("x")] }],
    ["https://acme.com/a:80", text("https://acme.com/a:80")],
    ["std::string", text("std::string")],
    ["12:30:45", text("12:30:45")],
  ])("parses pasted text as words: %s", (query, expected) => {
    expect(parse(query)).toEqual(expected);
  });
});

describe("parseQuery with spellings of other query languages", () => {
  const not = (node: object) => ({ kind: "not", node });
  const and = (...nodes: object[]) => ({ kind: "and", nodes });
  const or = (...nodes: object[]) => ({ kind: "or", nodes });
  const like = (pattern: string) => ({ kind: "text", match: { op: "like", pattern } });
  const compare = (name: string, comparison: string, value: string) =>
    field(name, { op: "compare", comparison, value });

  it.each([
    ["!apple", not(text("apple"))],
    ["!(a b)", not(and(text("a"), text("b")))],
    ["failed!", text("failed!")],
    ["a && b", and(text("a"), text("b"))],
    ["a || b", or(text("a"), text("b"))],
    ["a && !b", and(text("a"), not(text("b")))],
    ["status>=400", compare("status", ">=", "400")],
    ["status >= 400", compare("status", ">=", "400")],
    ["status> 400", compare("status", ">", "400")],
    ["duration:> 500", compare("duration", ">", "500")],
    ["level=error", field("level", is("error"))],
    ["level == error", field("level", is("error"))],
    ["level!=error", not(field("level", is("error")))],
    ["status:=404", field("status", is("404"))],
    ["level: error", field("level", is("error"))],
    ["level : error", field("level", is("error"))],
    ["x status : >= 400", and(text("x"), compare("status", ">=", "400"))],
    ["level : (warn OR error)", or(field("level", is("warn")), field("level", is("error")))],
    ["level ::a", and(text("level"), text("::a"))],
    ["level :", and(text("level"), text(":"))],
    ["level: (warn OR error)", or(field("level", is("warn")), field("level", is("error")))],
    ["'payment failed'", text("payment failed", true)],
    ["“payment failed”", text("payment failed", true)],
    ["„payment failed“", text("payment failed", true)],
    ["user.name:'Ann Lee'", field("user.name", is("Ann Lee", true))],
    ["don't can't", and(text("don't"), text("can't"))],
    ["status:[500 TO 599]", field("status", { op: "range", from: "500", to: "599" })],
    ['time:["2026-11-29" TO "2026-11-30"]', field("time", { op: "range", from: "2026-11-29", to: "2026-11-30" })],
    ["status:{500 TO 600}", and(compare("status", ">", "500"), compare("status", "<", "600"))],
    ["cart.items:[5 TO 9}", and(compare("cart.items", ">=", "5"), compare("cart.items", "<", "9"))],
    ["cart.items:{* TO 9]", compare("cart.items", "<=", "9")],
    ["user.id:[* TO *]", field("user.id", { op: "exists" })],
    ["*:*", like("*")],
    ["cart.items:[5 TO *]", field("cart.items", { op: "range", from: "5", to: undefined })],
    ["_exists_:user.id", field("user.id", { op: "exists" })],
    ["+apple +level:error", and(text("apple"), field("level", is("error")))],
    ["retries=3", text("retries=3")],
    ["a->b", text("a->b")],
    ["List<String>", text("List<String>")],
  ])("parses %j", (query, expected) => {
    expect(parse(query)).toEqual(withoutSpans(expected));
  });

  it.each([
    ["Foo.java:42", text("Foo.java:42")],
    ["at com.acme.Foo.bar(Foo.java:42)", and(text("at"), text("com.acme.Foo.bar"), text("Foo.java:42"))],
    ["package:my_app/main.dart:12:5", text("package:my_app/main.dart:12:5")],
    ["C:\\Users\\ann.txt", text("C:\\Users\\ann.txt")],
    ["checkout()", text("checkout()")],
    ["still there?", and(text("still"), text("there?"))],
    ["Where?! message:why?", and(text("Where?!"), field("message", is("why?")))],
    ["/items?page=2", text("/items?page=2")],
    ["/items?page=*", like("/items\\?page=*")],
    ["u-?", like("u-?")],
    ["wom?n", like("wom?n")],
    ["user.id:ab?", field("user.id", { op: "like", pattern: "ab?" })],
    ["\\AND \\*", and(text("AND"), text("*"))],
    ['"Foo.java":42', field("Foo.java", is("42"))],
    ['{"a":1, "b":"x"}', text('{"a":1, "b":"x"}', true)],
  ])("reads pasted text as words: %s", (query, expected) => {
    expect(parse(query)).toEqual(withoutSpans(expected));
  });
});

describe("the suggestion for a syntax error", () => {
  it.each([
    ['x "open', 'x "open"'],
    ["x (a b", "x (a b)"],
    ["a OR", "a"],
    ["level:", '"level:"'],
    ["at f( )", '"at f( )"'],
  ])("in %j is %j", (query, suggestion) => {
    expect(parseQuery(query)).toMatchObject({ ok: false, error: { suggestion } });
  });
});

describe("a syntax error", () => {
  it.each([
    ["a level:", "missing_value", "level:"],
    ["duration:>", "missing_value", ">"],
    ['x "open', "unclosed_quote", '"open'],
    ['user.id:"open', "unclosed_quote", '"open'],
    ["x (a b", "unclosed_group", "("],
    ["a) b", "unexpected", ")"],
    ["OR a", "unexpected", "OR"],
    ["a OR", "missing_value", "R"],
    ["f( )", "unexpected", ")"],
    ['_exists_:""', "missing_value", '""'],
    ["level: AND x", "missing_value", "level:"],
    ["x".repeat(1_025), "too_complex", "x"],
    [`${"-(".repeat(MAX_QUERY_DEPTH)}a`, "too_complex", "-"],
    [`${"a ".repeat(MAX_QUERY_NODES)}b`, "too_complex", "b"],
    ["x *a????????????????", "too_complex", "*a????????????????"],
    ["user.email:*a??????????x*", "too_complex", "*a??????????x*"],
    ["level:(error OR *a????????????)", "too_complex", "*a????????????"],
  ])("of %j has a reason and marks the characters", (query, reason, marked) => {
    const result = parseQuery(query);
    if (result.ok) throw new Error("the query has no syntax error");
    const { offset, length } = result.error;
    expect([result.error.reason, query.slice(offset, offset + length)]).toEqual([reason, marked]);
  });
});

/** Random text with many operators, so that the parser gets past the first token. */
const queryText = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          ...Array.from('()"\\:*?-<>= .'),
          "..",
          " OR ",
          " AND ",
          "NOT ",
          " && ",
          " || ",
          "!",
          "!=",
          "+",
          "'",
          "“",
          "”",
          "[1 TO 2]",
          "{1 TO *}",
          "*:*",
          "_exists_:",
          "status",
          "Foo.java:",
          "C:",
          " in (",
          " or ",
          "level:",
          "a.b:",
          "//",
        ),
      },
      { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
      {
        weight: 3,
        arbitrary: fc.constantFrom("word", "error", "5", "-1.5e3", "now-15m", "é", "💥", "\u202e", "\ud800"),
      },
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(""));

const spansOf = (node: QueryNode): readonly { readonly offset: number; readonly length: number }[] => {
  switch (node.kind) {
    case "and":
    case "or":
      return node.nodes.flatMap(spansOf);
    case "not":
      return spansOf(node.node);
    case "text":
      return [node.span];
    case "field":
      return [node.span, node.valueSpan];
  }
};

describe("a random text", () => {
  it("is parsed, or fails with a span inside the text", () => {
    fc.assert(
      fc.property(queryText, (query) => {
        const result = parseQuery(query);
        const spans = result.ok
          ? [...(result.query === undefined ? [] : spansOf(result.query)), ...result.hints]
          : [result.error];
        for (const { offset, length } of spans) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(length).toBeGreaterThan(0);
          expect(offset + length).toBeLessThanOrEqual(query.length);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it("has suggestions that are valid queries", () => {
    fc.assert(
      fc.property(queryText, (query) => {
        const result = parseQuery(query);
        const suggestions = result.ok
          ? [...result.hints, ...findEmptyResultHints(query, result.query)].map(({ suggestion }) => suggestion)
          : [result.error.suggestion];
        const invalid = suggestions.filter((text) => text !== undefined && !parseQuery(text).ok);
        expect(invalid).toEqual([]);
      }),
      { numRuns: 5_000 },
    );
  });

  it("is equivalent after formatQuery", () => {
    fc.assert(
      fc.property(queryText, (query) => {
        const first = parseQuery(query);
        fc.pre(first.ok && first.query !== undefined);
        if (!first.ok || first.query === undefined) return;
        const again = parseQuery(formatQuery(first.query));
        expect(again.ok && withoutSpans(again.query)).toEqual(withoutSpans(first.query));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(["level: {1 TO *}", "message:*:*", "word?\\!", "?\\."])("%j is equivalent after formatQuery", (query) => {
    const first = parseQuery(query);
    if (!first.ok || first.query === undefined) throw new Error("the query is invalid");
    expect(parse(formatQuery(first.query))).toEqual(withoutSpans(first.query));
  });

  it("can be searched for as a value of any field", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary", minLength: 1 }), (value, name) => {
        const node = { kind: "field", field: name, match: { op: "is", value, isPhrase: true } };
        const result = parseQuery(
          formatQuery({ ...node, span: { offset: 0, length: 0 }, valueSpan: { offset: 0, length: 0 } } as QueryNode),
        );
        expect(result.ok && withoutSpans(result.query)).toEqual(node);
      }),
    );
  });
});
