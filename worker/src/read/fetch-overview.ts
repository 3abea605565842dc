/**
 * Data of the console's overview page, from concurrent searches.
 */
import * as z from "zod";
import { OVERVIEW_FACETS } from "#contract/api/facets.ts";
import { SEVERITY_NUMBERS } from "#contract/wire/severity.ts";
import type { OverviewResponse } from "#contract/api/statistics.ts";
import { allOf, range } from "../query/clauses.ts";
import { ERRORS } from "./facets.ts";
import { fetchFacets } from "./fetch-facets.ts";
import { inApps, inTime, type ReadScope } from "./scope.ts";
import { toHit } from "./to-hit.ts";
import { filteredSchema, percentilesSchema, valueSchema, type AggregationResults } from "./aggregate.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { countByReason } from "./fetch-rejected.ts";
import { searchPage } from "./search-page.ts";

const VALUES_OF_FACET = 10;
const FACET_REQUESTS = OVERVIEW_FACETS.map((name) => ({ name, size: VALUES_OF_FACET }));

/** Divides the world map into 32 by 32 tiles. */
const TILE_ZOOM = 5;
const MAX_TILES = 200;
const NEWEST_ERRORS = 10;

const tilesSchema = z
  .object({
    buckets: z.array(
      z.object({
        doc_count: z.int(),
        errors: filteredSchema,
        center: z.object({ location: z.object({ lat: z.number(), lon: z.number() }) }),
      }),
    ),
  })
  .prefault({ buckets: [] });

const parseLag = (results: AggregationResults): OverviewResponse["lagMs"] => {
  const { values } = results.get("lag", percentilesSchema);
  const [p50, p99] = [values["50.0"] ?? null, values["99.0"] ?? null];
  return p50 === null || p99 === null ? undefined : { p50, p99 };
};

export const fetchOverview = async (client: StoreClient, scope: ReadScope): Promise<OverviewResponse> => {
  const onlyErrors = allOf([scope.clause, range("severity.number", { gte: SEVERITY_NUMBERS.error })]);
  const [{ facets, results }, rejected, newest] = await Promise.all([
    fetchFacets(client, scope.clause, FACET_REQUESTS, {
      errors: ERRORS,
      users: { cardinality: { field: "user.id" } },
      sessions: { cardinality: { field: "session.id" } },
      lag: { percentiles: { field: "edgelog.lagMs", percents: [50, 99] } },
      places: {
        geotile_grid: { field: "geo.location", precision: TILE_ZOOM, size: MAX_TILES },
        aggs: { errors: ERRORS, center: { geo_centroid: { field: "geo.location" } } },
      },
    }),
    countByReason(client, allOf([inApps(scope.apps), ...inTime(scope)])),
    searchPage(client, { clause: onlyErrors, size: NEWEST_ERRORS, order: "desc" }),
  ]);
  const lagMs = parseLag(results);
  return {
    total: results.total,
    errors: results.get("errors", filteredSchema).doc_count,
    users: results.get("users", valueSchema).value ?? 0,
    sessions: results.get("sessions", valueSchema).value ?? 0,
    facets,
    ...(lagMs === undefined ? {} : { lagMs }),
    places: results.get("places", tilesSchema).buckets.map(({ doc_count: count, errors, center }) => ({
      lat: center.location.lat,
      lon: center.location.lon,
      count,
      errors: errors.doc_count,
    })),
    rejected,
    newestErrors: newest.hits.map(toHit),
  };
};
