import { expect, it } from "vitest";
import { toBoundedJson } from "../src/mcp/to-text.ts";

it("omits what is of no use to a model, but no attribute of a log", () => {
  const attributes = {
    trend: "up",
    highlights: ["a"],
    instrumentationScope: "b",
    groups: [{ trend: 1 }],
    document: { trend: 2 },
  };
  const hit = { id: "1", document: { body: "x", instrumentationScope: { name: "logger" }, attributes } };
  const shown = { id: "1", document: { body: "x", attributes } };
  const result = { hits: [{ ...hit, highlights: [] }], groups: [{ key: "k", trend: [1, 2], sample: hit }], event: hit };
  expect(JSON.parse(toBoundedJson(result))).toEqual({
    hits: [shown],
    groups: [{ key: "k", sample: shown }],
    event: shown,
  });
});
