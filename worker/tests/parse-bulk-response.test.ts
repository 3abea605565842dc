import { describe, expect, it } from "vitest";
import { parseBulkResponse } from "../src/opensearch/parse-bulk-response.ts";

const item = (status: number, type?: string, reason = "because") => ({
  create: { status, ...(type === undefined ? {} : { error: { type, reason } }) },
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
    ["circuit breaker", 429, "circuit_breaking_exception", "unknown"],
    ["index closed", 400, "index_closed_exception", "unknown"],
    ["no free shards, from the cluster manager", 400, "validation_exception", "unknown"],
    ["no master", 503, "cluster_manager_not_discovered_exception", "unknown"],
    ["index creation took too long", 503, "process_cluster_event_timeout_exception", "unknown"],
    ["an error that is not in the list", 400, "future_exception", "unknown"],
    ["an error without a type", 400, undefined, "unknown"],
    ["a document error with another status", 500, "mapper_parsing_exception", "unknown"],
    ["unmappable", 400, "mapper_parsing_exception", "refused"],
    ["unmappable, in Elasticsearch 8", 400, "document_parsing_exception", "refused"],
    ["field without a mapping", 400, "strict_dynamic_mapping_exception", "refused"],
  ])("%s", (_, status, type, state) => {
    expect(states(200, { items: [item(status, type)] }, 1)).toEqual([state]);
  });

  it.each([
    // OpenSearch 3.5, a node that is not the manager of a cluster of three: `npm run test:cluster`.
    [
      "unknown",
      "Validation Failed: 1: this action would add [2] total LOCAL_ONLY shards, but this cluster currently has [3]/[3] maximum LOCAL_ONLY shards open;",
    ],
    [
      "unknown",
      "Validation Failed: 1: this action would add [2] total shards, but this cluster currently has [10]/[10] maximum shards open;",
    ],
    [
      "unknown",
      "Validation Failed: 1: expected total copies needs to be a multiple of total awareness attributes [3];",
    ],
    ["unknown", "index [logs-30d-2026.11.28] is not a write index"],
    ["unknown", "because"],
    [
      "refused",
      'Document contains at least one immense term in field="user.id" (whose UTF8 encoding is longer than the max length 32766), all of which were skipped.',
    ],
    ["refused", 'DocValuesField "user.id" is too large, must be <= 32766'],
    ["refused", "Limit of total fields [1000] has been exceeded"],
    ["refused", "Limit of mapping depth [20] has been exceeded due to object field [a.b]"],
  ])("an illegal argument is %s: %s", (state, reason) => {
    expect(states(200, { items: [item(400, "illegal_argument_exception", reason)] }, 1)).toEqual([state]);
  });

  it("reports the type of an unknown error, and never the reason, which may contain a value", () => {
    const items = [item(400, "future_exception", "secret")];
    expect(parseBulkResponse(200, { items }, 1)).toEqual([{ state: "unknown", cause: "future_exception" }]);
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
