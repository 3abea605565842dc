/**
 * `GET /histogram`, `/facets`, `/fields`, `/groups` and `/overview`: counts over the logs that match a filter. All fail with
 * 400 `invalid_query` or another parameter error, 401, 403 `forbidden_app` or 503 `store_unavailable`. A response without some of the logs has `incomplete`.
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
import { fetchFacets } from "../read/fetch-facets.ts";
import { fetchFields } from "../read/fetch-fields.ts";
import { fetchGroups } from "../read/fetch-groups.ts";
import { fetchHistogram } from "../read/fetch-histogram.ts";
import { fetchOverview } from "../read/fetch-overview.ts";
import { findTimeSpan } from "../read/time-span.ts";
import { toReadScope } from "../read/scope.ts";
import { parseReadRequest, type ReadCall } from "./parse-read-request.ts";

/** Counts per severity and interval. `buckets` limits the number of intervals; an open range ends at the oldest or newest log. */
export const getHistogram = async (call: ReadCall): Promise<Response> => {
  const { reader, params, client, respond } = await parseReadRequest(call, histogramParamsSchema);
  const nowMs = Date.now();
  const scope = toReadScope(params, reader.apps, nowMs);
  const span = await findTimeSpan(client, scope, nowMs);
  return respond(await fetchHistogram(client, scope, span, params.buckets, params.timeZone), scope);
};

/** The most frequent values of each `field` (at most `size`), and statistics of numeric fields. */
export const getFacets = async (call: ReadCall): Promise<Response> => {
  const { reader, params, client, respond } = await parseReadRequest(call, facetsParamsSchema);
  const scope = toReadScope(params, reader.apps, Date.now());
  const { size, prefix } = params;
  const requests = params.field.map((name) => ({ name, size, prefix }));
  const { facets, results } = await fetchFacets(client, scope.clause, requests);
  return respond({ total: results.total, facets } satisfies FacetsResponse, scope);
};

/** Names of known fields and of the attributes of the newest logs. */
export const getFields = async (call: ReadCall): Promise<Response> => {
  const { reader, params, client, respond } = await parseReadRequest(call, fieldsParamsSchema);
  const scope = toReadScope(params, reader.apps, Date.now());
  return respond({ fields: await fetchFields(client, scope.clause) } satisfies FieldsResponse, scope);
};

/** Error groups, at most `limit`, ordered by `sort`. */
export const getGroups = async (call: ReadCall): Promise<Response> => {
  const { reader, params, client, respond } = await parseReadRequest(call, groupsParamsSchema);
  const nowMs = Date.now();
  const scope = toReadScope(params, reader.apps, nowMs);
  const span = await findTimeSpan(client, scope, nowMs);
  return respond(await fetchGroups(client, scope, span, params), scope);
};

/** Totals, facets, ingest lag (milliseconds), locations, rejected events and newest errors. */
export const getOverview = async (call: ReadCall): Promise<Response> => {
  const { reader, params, client, respond } = await parseReadRequest(call, overviewParamsSchema);
  const scope = toReadScope(params, reader.apps, Date.now());
  return respond(await fetchOverview(client, scope), scope);
};
