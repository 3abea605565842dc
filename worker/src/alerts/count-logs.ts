/**
 * Counts the logs of all alert rules with one request to OpenSearch.
 */
import { Buffer } from "node:buffer";
import * as z from "zod";
import { LOGS_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { StoreUnavailableError, type StoreClient, type StoreResponse } from "../opensearch/client.ts";
import { acceptPartial, parseResponse } from "../opensearch/search.ts";
import type { Clause } from "../query/clauses.ts";
import { createPartialReads } from "../read/partial-reads.ts";
import type { TimeRange } from "../read/scope.ts";

/** Bounds the size of a request and of its response. */
const MAX_SEARCHES = 250;

const HEADER = JSON.stringify({
  index: LOGS_INDEX_PATTERN,
  ignore_unavailable: true,
  allow_no_indices: true,
  // A missing shard fails a search only if it can have logs of its time range.
  allow_partial_search_results: true,
});

/** The logs in a time range that match a clause, which contains the range. */
export interface LogSelection {
  readonly clause: Clause;
  readonly range: TimeRange;
  readonly aggs?: Readonly<Record<string, object>>;
}

/** `detail`: why the logs could not be counted, in one sentence without any content of logs. */
export type LogCount =
  | { readonly ok: true; readonly count: number; readonly aggregations: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly detail: string };

const responsesSchema = z.object({ responses: z.array(z.looseObject({ status: z.int().default(200) })) });

const countSchema = z.object({
  hits: z.object({ total: z.object({ value: z.int() }) }),
  aggregations: z.record(z.string(), z.unknown()).default({}),
});

const errorSchema = z.object({
  error: z.object({ type: z.string(), root_cause: z.array(z.object({ type: z.string() })).default([]) }),
});

const MAX_SHOWN_INDICES = 3;

/** Only the type of the error: its reason repeats the query, and can contain values of logs. */
const describeError = ({ status, body }: StoreResponse): string => {
  const { error } = errorSchema.safeParse(body).data ?? {};
  const type = error?.root_cause[0]?.type ?? error?.type ?? "";
  const shown = /^[a-z_]{1,80}$/.test(type) ? ` (${type})` : "";
  return status >= 400 && status < 500
    ? `The logs could not be counted: OpenSearch refuses the query${shown}.`
    : `The logs could not be counted: the search failed${shown}.`;
};

const describeMissing = (indices: readonly string[]): string => {
  const shown = indices.slice(0, MAX_SHOWN_INDICES).join(", ");
  return shown === ""
    ? "The logs could not be counted: the search of an index failed."
    : `The logs could not be counted: the search of ${shown} failed.`;
};

/** The count of one response of `_msearch`. */
const toCount = async (client: StoreClient, { range }: LogSelection, response: StoreResponse): Promise<LogCount> => {
  const partial = createPartialReads(client);
  const accepted = acceptPartial(partial.client, LOGS_INDEX_PATTERN, response);
  const parsed = countSchema.safeParse(accepted.body);
  if (accepted.status !== 200 || !parsed.success) return { ok: false, detail: describeError(accepted) };
  const incomplete = await partial.findIncomplete(range);
  if (incomplete !== undefined) return { ok: false, detail: describeMissing(incomplete.indices) };
  const { hits, aggregations } = parsed.data;
  return { ok: true, count: hits.total.value, aggregations };
};

/** A client that sends each request once: all rules need the same state of the cluster. */
const withCache = (client: StoreClient): StoreClient => {
  const responses = new Map<string, Promise<StoreResponse>>();
  return {
    ...client,
    request(method, path, body) {
      const key = `${method} ${path}`;
      const response = responses.get(key) ?? client.request(method, path, body);
      responses.set(key, response);
      return response;
    },
  };
};

const countSlice = async (client: StoreClient, selections: readonly LogSelection[]): Promise<readonly LogCount[]> => {
  const lines = selections.flatMap(({ clause: query, aggs }) => [
    HEADER,
    JSON.stringify({ size: 0, track_total_hits: true, query, aggs }),
  ]);
  const body = Buffer.from(`${lines.join("\n")}\n`);
  const response = await client.postLines("/_msearch", body, new AbortController().signal);
  const { responses } = parseResponse(response, responsesSchema);
  if (responses.length !== selections.length) throw new StoreUnavailableError("responses", response.status);
  const cached = withCache(client);
  return await Promise.all(
    selections.map((selection, i) =>
      toCount(cached, selection, { status: responses[i]?.status ?? 0, body: responses[i] }),
    ),
  );
};

/** The number of logs of each selection. Throws `StoreUnavailableError` if OpenSearch does not respond at all. */
export const countLogs = async (
  client: StoreClient,
  selections: readonly LogSelection[],
  maxSearches = MAX_SEARCHES,
): Promise<readonly LogCount[]> => {
  const counts: LogCount[] = [];
  for (let start = 0; start < selections.length; start += maxSearches) {
    counts.push(...(await countSlice(client, selections.slice(start, start + maxSearches))));
  }
  return counts;
};
