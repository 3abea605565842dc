/**
 * Counts the logs of all alert rules with one request to OpenSearch.
 */
import { Buffer } from "node:buffer";
import * as z from "zod";
import { LOGS_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { StoreUnavailableError, type StoreClient } from "../opensearch/client.ts";
import { parseResponse } from "../opensearch/search.ts";
import type { Clause } from "../query/clauses.ts";

/** Bounds the size of a request and of its response. */
const MAX_SEARCHES = 250;

const HEADER = JSON.stringify({
  index: LOGS_INDEX_PATTERN,
  ignore_unavailable: true,
  allow_no_indices: true,
  allow_partial_search_results: false,
});

const responseSchema = z.object({
  responses: z.array(z.object({ hits: z.object({ total: z.object({ value: z.int() }) }).optional() })),
});

const countSlice = async (
  client: StoreClient,
  clauses: readonly Clause[],
): Promise<readonly (number | undefined)[]> => {
  const lines = clauses.flatMap((query) => [HEADER, JSON.stringify({ size: 0, track_total_hits: true, query })]);
  const body = Buffer.from(`${lines.join("\n")}\n`);
  const response = await client.postLines("/_msearch", body, new AbortController().signal);
  const { responses } = parseResponse(response, responseSchema);
  if (responses.length !== clauses.length) throw new StoreUnavailableError("responses", response.status);
  return responses.map(({ hits }) => hits?.total.value);
};

/** The number of logs of each clause; `undefined` if its search failed. Throws `StoreUnavailableError`. */
export const countLogs = async (
  client: StoreClient,
  clauses: readonly Clause[],
): Promise<readonly (number | undefined)[]> => {
  const counts: (number | undefined)[] = [];
  for (let start = 0; start < clauses.length; start += MAX_SEARCHES) {
    counts.push(...(await countSlice(client, clauses.slice(start, start + MAX_SEARCHES))));
  }
  return counts;
};
