/**
 * The OpenAPI description of the paths of Elasticsearch's API that accept logs.
 */
import * as z from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponseObject } from "zod-openapi";
import { BULK_PATHS, BULK_ROUTES } from "../routes/elasticsearch-paths.ts";

const errorCause = z.object({ type: z.string(), reason: z.string() });
const errorResponse = z.object({ error: z.looseObject({ ...errorCause.shape }), status: z.int() });
const result = z.looseObject({
  _index: z.string(),
  _id: z.string(),
  status: z
    .int()
    .meta({ description: "201 stored, 200 stored before, 400 rejected, 429 not stored yet: send it again." }),
  result: z.enum(["created", "noop"]).optional(),
  error: errorCause.optional(),
});
const bulkResponse = z.object({
  took: z.int(),
  errors: z.boolean().meta({ description: "Whether at least one item has an error." }),
  items: z.array(z.record(z.string(), result)).meta({ description: "One result for each action, in order." }),
});

type Json = (description: string, schema: z.ZodType) => ZodOpenApiResponseObject;

const PARAMETERS = {
  index: z.string().meta({ description: "Becomes `log.type`, without a date at its end." }),
  id: z.string().meta({ description: "The id of the event if it is a UUID; otherwise its id is derived from it." }),
};

const errorsOf = (json: Json): Readonly<Record<`${4 | 5}${string}`, ZodOpenApiResponseObject>> => ({
  "400": json("The body has no action or no document. Do not resend it.", errorResponse),
  "401": json("Missing credentials, unknown app or invalid key.", errorResponse),
  "403": json("The app is disabled, or the page's origin is not allowed.", errorResponse),
  "413": json("The body is too large. Split it and resend.", errorResponse),
  "415": json("Unsupported Content-Encoding.", errorResponse),
  "429": json(
    "Too many requests, or the document is not stored yet. Resend after the time in Retry-After.",
    errorResponse,
  ),
  "503": json(
    "The request cannot be processed now, or documents of a sender that does not repeat single documents are not stored yet. Resend it after the time in Retry-After.",
    errorResponse,
  ),
});

/** @param json Describes a JSON response. */
export const createElasticsearchPaths = (
  json: Json,
  security: NonNullable<ZodOpenApiOperationObject["security"]>,
): ZodOpenApiPathsObject => {
  const shared = { tags: ["Writing"], security };
  const bulk: ZodOpenApiOperationObject = {
    ...shared,
    summary: "Elasticsearch's bulk request. The actions `create` and `index` store logs; others are rejected.",
    requestBody: { required: true, content: { "application/x-ndjson": { schema: z.string() } } },
    responses: { "200": json("One result for each action.", bulkResponse), ...errorsOf(json) },
  };
  const document: ZodOpenApiOperationObject = {
    ...shared,
    summary: "Stores one document as Elasticsearch's index request.",
    requestBody: { required: true, content: { "application/json": { schema: z.looseObject({}) } } },
    responses: {
      "200": json("The document was stored before.", result),
      "201": json("The document is stored.", result),
      ...errorsOf(json),
    },
  };
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [method, route] of BULK_ROUTES) {
    const isBulk = BULK_PATHS.some((path) => route.endsWith(path));
    const names = [...route.matchAll(/:(\w+)/g)].map(([, name]) => name as keyof typeof PARAMETERS);
    const path = z.object(Object.fromEntries(names.map((name) => [name, PARAMETERS[name]])));
    const operation = { ...(isBulk ? bulk : document), ...(names.length === 0 ? {} : { requestParams: { path } }) };
    const key = route.replaceAll(/:(\w+)/g, "{$1}");
    paths[key] = { ...paths[key], [method]: operation };
  }
  return paths;
};
