/**
 * Facets with exact counts, and other aggregations of the same search.
 */
import type { Facet } from "#contract/api/statistics.ts";
import { ResponseTooLargeError, type StoreClient } from "../opensearch/client.ts";
import type { Clause } from "../query/clauses.ts";
import { aggregate, type AggregationResults } from "./aggregate.ts";
import { parseFacets, planDetails, planFacets, type FacetRequest } from "./facets.ts";

/** If the values are too large for one response, longer ones are left out. */
const SHORT_VALUE_LENGTH = 128;

const aggregateFacets = async (
  client: StoreClient,
  clause: Clause,
  requests: readonly FacetRequest[],
  otherAggs: Readonly<Record<string, object>>,
): Promise<AggregationResults> => {
  const find = (limited: readonly FacetRequest[]): Promise<AggregationResults> =>
    aggregate(client, clause, { ...planFacets(limited), ...otherAggs });
  try {
    return await find(requests);
  } catch (error) {
    if (!(error instanceof ResponseTooLargeError)) throw error;
    return find(requests.map((request) => ({ ...request, maxLength: SHORT_VALUE_LENGTH })));
  }
};

/** Facets in the order of `requests`, and the results of all aggregations. Throws `StoreUnavailableError`. */
export const fetchFacets = async (
  client: StoreClient,
  clause: Clause,
  requests: readonly FacetRequest[],
  otherAggs: Readonly<Record<string, object>> = {},
): Promise<{ readonly facets: Facet[]; readonly results: AggregationResults }> => {
  const results = await aggregateFacets(client, clause, requests, otherAggs);
  const detailAggs = planDetails(requests, results);
  const isComplete = Object.keys(detailAggs).length === 0;
  const details = isComplete ? undefined : await aggregate(client, clause, detailAggs);
  return { facets: parseFacets(requests, results, details), results };
};
