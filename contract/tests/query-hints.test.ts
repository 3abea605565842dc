import { describe, expect, it } from "vitest";
import { findEmptyResultHints } from "#contract/query/empty-hints.ts";
import { parseQuery } from "#contract/query/parse.ts";

describe("a hint", () => {
  const hintsOf = (query: string) => {
    const result = parseQuery(query);
    return result.ok ? [...result.hints, ...findEmptyResultHints(query, result.query)] : [];
  };

  it.each([
    ["a or b or c", "lower_case_operator", "a OR b OR c"],
    ["a and b", "lower_case_operator", "a AND b"],
    ["not a", "lower_case_operator", "NOT a"],
    ["cart.items:(3 or 4)", "lower_case_operator", "cart.items:(3 OR 4)"],
    ["user:(ann or bob or carl) x", "lower_case_operator", "user:(ann OR bob OR carl) x"],
    ["-level:(error and fatal)", "lower_case_operator", "-level:(error AND fatal)"],
    ["app:(shop not web)", "lower_case_operator", "app:(shop NOT web)"],
    ['tag:("a","b" , "c")', "comma_list", 'tag:("a" OR "b" OR "c")'],
    ["level=error", "read_as_field", '"level=error"'],
    ["user: ann", "read_as_field", '"user: ann"'],
    ["retries=3", "read_as_text", "retries:3"],
    ["cart.items>=5 x", "read_as_text", "cart.items:>=5 x"],
    ["cart.items: 3 x", "read_as_text", "cart.items:3 x"],
    ["cart.items : 3", "read_as_text", "cart.items:3"],
    ["x OrderId : (3 OR 4)", "read_as_text", "x OrderId:(3 OR 4)"],
    ["latency.ms >= 2000 x", "read_as_text", "latency.ms:>=2000 x"],
    ["latency.ms = 5 OR retries < -.5", "read_as_text", "latency.ms:5 OR retries:<-.5"],
    ["message:payment*failed x", "wildcard", 'message:"payment*failed" x'],
    ["payment*failed", "wildcard", '"payment*failed"'],
    ["Is it 5? x", "wildcard", 'Is it "5?" x'],
    ["2*3", "wildcard", '"2*3"'],
    ["user : ann", "read_as_field", '"user : ann"'],
    ["level in (warn, error)", "in_list", "level:(warn OR error)"],
    ["tags:(new sale) x", "in_list", "tags:(new OR sale) x"],
    ["-tags:(new sale)", "in_list", "-tags:(new OR sale)"],
    ["-device:(Samsung A52)", "in_list", "-device:(Samsung OR A52)"],
    ["app:(shop, web)", "comma_list", "app:(shop OR web)"],
    ["device:(Samsung, Apple)", "comma_list", "device:(Samsung OR Apple)"],
    ["app:shop, web", "comma_list", "app:shop web"],
    ["app:shop,web", "comma_list", "app:(shop OR web)"],
    ["level:error OR warn", "value_without_field", "level:error OR level:warn"],
    ["Level:error", "name_case", "level:error"],
    ["localhost:8080", "unknown_field", '"localhost:8080"'],
    ['{"level":"error","message":"x y"}', "json", 'level:"error" message:"x y"'],
    ["/user.*failed/", "regular_expression", undefined],
    ["/user[0-9]/i", "regular_expression", undefined],
    ["user.id:/u-[12]/", "regular_expression", undefined],
    ["-user.id:/u-(1|2)/", "regular_expression", undefined],
    ['"payment failed"~2 x', "read_as_text", '"payment failed" x'],
    ["payment~1", "read_as_text", "payment"],
    ["message:payment^2.5", "read_as_text", "message:payment"],
    ["@duration:>500", "unknown_field", "duration:>500"],
    ["@cart.items:5 x", "unknown_field", "cart.items:5 x"],
    ["Payment - failed", "punctuation", undefined],
  ])("for %j is %s", (query, kind, suggestion) => {
    const hint = hintsOf(query).find((each) => each.kind === kind);
    expect(hint).toBeDefined();
    expect(hint?.suggestion).toBe(suggestion);
  });

  it("is one for an operator in lower case in a group", () => {
    expect(hintsOf("cart.items:(3 or 4)").map(({ kind }) => kind)).toEqual(["lower_case_operator"]);
  });

  it.each([
    "checkout",
    "Foo.java:(42)",
    'level:error "a or b" -bot',
    "a OR b",
    "status:500..599",
    "user.id:42",
    "-tags:(a AND b)",
    "TypeError: x",
    "user.id:a*b",
    "message:pay*",
    "main.dart: x",
  ])("is absent for %j", (query) => {
    expect(parseQuery(query).ok).toBe(true);
    expect(hintsOf(query)).toEqual([]);
  });
});
