import { expect, it } from "vitest";
import { MAX_RESULT_LENGTH, toBoundedJson } from "../src/mcp/to-text.ts";

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

const logOf = (index: number, stacktrace: string): object => ({
  id: String(index),
  document: { body: `log ${index}`, exception: { stacktrace } },
});

interface Context {
  readonly event: { readonly document: { readonly exception: { readonly stacktrace: string } } };
  readonly before: readonly { readonly id: string }[];
  readonly after: readonly { readonly id: string }[];
}

const contextOf = (stack: string, stackAround: string): Context => {
  const logs = Array.from({ length: 20 }, (_, i) => logOf(i, stackAround));
  const event = logOf(99, stack);
  const json = toBoundedJson({ event, by: "session", before: logs.slice(0, 10), after: logs.slice(10) });
  expect(json.length).toBeLessThanOrEqual(MAX_RESULT_LENGTH);
  return JSON.parse(json) as Context;
};

const STACK = `Error: boom\n${"    at render (app.js:3:1)\n".repeat(950)}`;

it("returns one log completely, and shortens the logs around it", () => {
  const { event, before, after } = contextOf(STACK, STACK);
  expect(event.document.exception.stacktrace).toBe(STACK);
  expect([before.length, after.length]).toEqual([10, 10]);
});

it("returns fewer logs around a log that takes nearly all of the result", () => {
  const stack = "x".repeat(44_000);
  const { event, before, after } = contextOf(stack, STACK);
  expect(event.document.exception.stacktrace).toBe(stack);
  expect(before.at(-1)?.id).toBe("9");
  expect(after[0]?.id).toBe("10");
});

it("cuts a log that is too long at the exact bound", () => {
  const { event } = contextOf("x".repeat(100_000), "short");
  const { stacktrace } = event.document.exception;
  expect(stacktrace).toMatch(/^x{45000,}…\[\d+ characters cut\]$/);
});
