/**
 * `GET /histogram`, `/facets`, `/fields`, `/groups` and `/overview`: counts over the logs that match a filter. All fail with
 * 400 `invalid_query` or another parameter error, 401, 403 `forbidden_app` or 503 `store_unavailable`.
 */
import {
  facetsParamsSchema,
  fieldsParamsSchema,
  groupsParamsSchema,
  histogramParamsSchema,
  overviewParamsSchema,
  type FacetsResponse,
  type FieldsResponse,
} from "#contract/api/statistics.ts";
import type { Env } from "../env.ts";
import { aggregate } from "../read/aggregate.ts";
import { fetchFields } from "../read/fetch-fields.ts";
import { fetchGroups } from "../read/fetch-groups.ts";
import { fetchHistogram } from "../read/fetch-histogram.ts";
import { fetchOverview } from "../read/fetch-overview.ts";
import { findTimeSpan } from "../read/time-span.ts";
import { planFacets, parseFacets } from "../read/facets.ts";
import { toReadScope } from "../read/scope.ts";
import { parseReadRequest, toPrivateResponse } from "./parse-read-request.ts";

/** Counts per severity and interval. `buckets` limits the number of intervals; an open range ends at the oldest or newest log. */
export const getHistogram = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await parseReadRequest(request, env, histogramParamsSchema);
  const nowMs = Date.now();
  const scope = toReadScope(params, reader.apps, nowMs);
  const span = await findTimeSpan(client, scope, nowMs);
  return toPrivateResponse(await fetchHistogram(client, scope, span, params.buckets));
};

/** The most frequent values of each `field` (at most `size`), and statistics of numeric fields. */
export const getFacets = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await parseReadRequest(request, env, facetsParamsSchema);
  const { clause } = toReadScope(params, reader.apps, Date.now());
  const { size, prefix } = params;
  const requests = params.field.map((name) => ({ name, size, prefix }));
  const results = await aggregate(client, clause, planFacets(requests));
  return toPrivateResponse({ total: results.total, facets: parseFacets(requests, results) } satisfies FacetsResponse);
};

/** Names of known fields and of the attributes of the newest logs. */
export const getFields = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await parseReadRequest(request, env, fieldsParamsSchema);
  const { clause } = toReadScope(params, reader.apps, Date.now());
  return toPrivateResponse({ fields: await fetchFields(client, clause) } satisfies FieldsResponse);
};

/** Error groups, at most `limit`, ordered by `sort`. */
export const getGroups = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await parseReadRequest(request, env, groupsParamsSchema);
  const nowMs = Date.now();
  const scope = toReadScope(params, reader.apps, nowMs);
  const span = await findTimeSpan(client, scope, nowMs);
  return toPrivateResponse(await fetchGroups(client, scope, span, params));
};

/** Totals, facets, ingest lag (milliseconds), locations, rejected events and newest errors. */
export const getOverview = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await parseReadRequest(request, env, overviewParamsSchema);
  return toPrivateResponse(await fetchOverview(client, toReadScope(params, reader.apps, Date.now())));
};
