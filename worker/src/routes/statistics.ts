/**
 * `GET /histogram`, `/facets`, `/fields`, `/groups` and `/overview`: counts over the logs that match a filter.
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
import { readFields } from "../read/fields.ts";
import { readGroups } from "../read/groups.ts";
import { readHistogram } from "../read/histogram.ts";
import { readOverview } from "../read/overview.ts";
import { findTimeSpan } from "../read/time-span.ts";
import { planFacets, readFacets } from "../read/facets.ts";
import { toReadScope } from "../read/scope.ts";
import { parseReadRequest, toPrivateResponse } from "./parse-read-request.ts";

export const getHistogram = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await parseReadRequest(request, env, histogramParamsSchema);
  const nowMs = Date.now();
  const scope = toReadScope(params, reader.apps, nowMs);
  const span = await findTimeSpan(client, scope, nowMs);
  return toPrivateResponse(await readHistogram(client, scope, span, params.buckets));
};

export const getFacets = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await parseReadRequest(request, env, facetsParamsSchema);
  const { clause } = toReadScope(params, reader.apps, Date.now());
  const { size, prefix } = params;
  const requests = params.field.map((name) => ({ name, size, prefix }));
  const answer = await aggregate(client, clause, planFacets(requests));
  return toPrivateResponse({ total: answer.total, facets: readFacets(requests, answer) } satisfies FacetsResponse);
};

export const getFields = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await parseReadRequest(request, env, fieldsParamsSchema);
  const { clause } = toReadScope(params, reader.apps, Date.now());
  return toPrivateResponse({ fields: await readFields(client, clause) } satisfies FieldsResponse);
};

export const getGroups = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await parseReadRequest(request, env, groupsParamsSchema);
  const nowMs = Date.now();
  const scope = toReadScope(params, reader.apps, nowMs);
  const span = await findTimeSpan(client, scope, nowMs);
  return toPrivateResponse(await readGroups(client, scope, span, params));
};

export const getOverview = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await parseReadRequest(request, env, overviewParamsSchema);
  return toPrivateResponse(await readOverview(client, toReadScope(params, reader.apps, Date.now())));
};
