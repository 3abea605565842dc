import { describe, expect, it } from "vitest";
import { sortBulkAnswer } from "../src/opensearch/sort-bulk-answer.ts";

const item = (status: number, type?: string) => ({
  create: { status, ...(type === undefined ? {} : { error: { type, reason: "because" } }) },
});
const states = (status: number, body: unknown, operations: number) =>
  sortBulkAnswer(status, body, operations).map(({ state }) => state);

describe(sortBulkAnswer, () => {
  it.each([
    ["created", 201, undefined, "created"],
    ["there already", 409, "version_conflict_engine_exception", "duplicate"],
    ["overloaded", 429, "rejected_execution_exception", "unknown"],
    ["disk at flood stage", 429, "cluster_block_exception", "unknown"],
    ["blocked", 403, "cluster_block_exception", "unknown"],
    ["not allowed", 403, "security_exception", "unknown"],
    ["index missing", 404, "index_not_found_exception", "unknown"],
    ["broken", 500, "exception", "unknown"],
    ["unavailable", 503, "unavailable_shards_exception", "unknown"],
    ["unmappable", 400, "mapper_parsing_exception", "refused"],
  ])("%s", (_, status, type, state) => {
    expect(states(200, { items: [item(status, type)] }, 1)).toEqual([state]);
  });

  it.each([
    ["an error", 503, {}],
    ["too few items", 200, { items: [item(201)] }],
    ["too many items", 200, { items: [item(201), item(201), item(201)] }],
    ["no items", 200, {}],
    ["something else", 200, "<html>"],
    ["nothing", 200, null],
    ["items of another kind", 200, { items: [{ index: { status: 201 } }, { index: { status: 201 } }] }],
  ])("knows nothing after %s", (_, status, body) => {
    expect(states(status, body, 2)).toEqual(["unknown", "unknown"]);
  });
});
