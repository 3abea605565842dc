import { describe, expect, it } from "vitest";
import { parseBulkResponse } from "../src/opensearch/parse-bulk-response.ts";

const item = (status: number, type?: string) => ({
  create: { status, ...(type === undefined ? {} : { error: { type, reason: "because" } }) },
});
const states = (status: number, body: unknown, documents: number) =>
  parseBulkResponse(status, body, documents).map(({ state }) => state);

describe(parseBulkResponse, () => {
  it.each([
    ["created", 201, undefined, "created"],
    ["already there", 409, "version_conflict_engine_exception", "duplicate"],
    ["overloaded", 429, "rejected_execution_exception", "unknown"],
    ["disk at flood stage", 429, "cluster_block_exception", "unknown"],
    ["blocked", 403, "cluster_block_exception", "unknown"],
    ["not allowed", 403, "security_exception", "unknown"],
    ["index missing", 404, "index_not_found_exception", "unknown"],
    ["internal error", 500, "exception", "unknown"],
    ["unavailable", 503, "unavailable_shards_exception", "unknown"],
    ["unmappable", 400, "mapper_parsing_exception", "refused"],
  ])("%s", (_, status, type, state) => {
    expect(states(200, { items: [item(status, type)] }, 1)).toEqual([state]);
  });

  it.each([
    ["an error status", 503, {}],
    ["too few items", 200, { items: [item(201)] }],
    ["too many items", 200, { items: [item(201), item(201), item(201)] }],
    ["no items", 200, {}],
    ["an HTML page", 200, "<html>"],
    ["null", 200, null],
    ["items of another operation", 200, { items: [{ index: { status: 201 } }, { index: { status: 201 } }] }],
  ])("returns unknown for every document after %s", (_, status, body) => {
    expect(states(status, body, 2)).toEqual(["unknown", "unknown"]);
  });
});
