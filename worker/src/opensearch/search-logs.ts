/**
 * Runs a search over the logs and shapes OpenSearch's answer into ours.
 */
import * as z from "zod";
import { LOGS_INDEX_PATTERN, type LogDocument } from "../../../contract/log-document.ts";
import type { SearchAnswer } from "../../../contract/search.ts";
import { ProblemError } from "../problem.ts";
import { buildQuery, type SearchRequest } from "../search/build-query.ts";
import type { StoreClient } from "./client.ts";

const answerSchema = z.object({
  hits: z.object({
    total: z.object({ value: z.int(), relation: z.enum(["eq", "gte"]) }),
    hits: z.array(z.object({ _id: z.string(), _source: z.record(z.string(), z.unknown()) })),
  }),
});

const PATH = `/${LOGS_INDEX_PATTERN}/_search?ignore_unavailable=true&allow_no_indices=true`;

const unavailable = (): ProblemError =>
  new ProblemError({
    status: 503,
    reason: "store_unavailable",
    detail: "OpenSearch does not answer.",
    headers: { "Retry-After": "5" },
  });

export const searchLogs = async (client: StoreClient, request: SearchRequest): Promise<SearchAnswer> => {
  const answer = await client.request("POST", PATH, buildQuery(request)).catch(() => {
    throw unavailable();
  });
  const parsed = answerSchema.safeParse(answer.body);
  if (answer.status !== 200 || !parsed.success) throw unavailable();
  const { total, hits } = parsed.data.hits;
  return {
    total: total.value,
    totalIsLowerBound: total.relation === "gte",
    hits: hits.map((hit) => ({ id: hit._id, document: hit._source as unknown as LogDocument })),
  };
};
