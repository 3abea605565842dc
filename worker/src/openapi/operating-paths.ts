/** The OpenAPI description of the routes for operators: erasures, and the state of the deployment. */
import * as z from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponseObject } from "zod-openapi";
import { erasureRequestSchema, erasureResponseSchema } from "#contract/api/erasure.ts";
import { statusResponseSchema } from "#contract/api/status.ts";
import { relayReportSchema } from "#contract/relay/relay-report.ts";

type Security = NonNullable<ZodOpenApiOperationObject["security"]>;

export const createOperatingPaths = (
  json: (description: string, schema: z.ZodType) => ZodOpenApiResponseObject,
  problem: (description: string) => ZodOpenApiResponseObject,
  security: Security,
): ZodOpenApiPathsObject => {
  const operation = (summary: string, right: string, success: ZodOpenApiResponseObject): ZodOpenApiOperationObject => ({
    summary,
    tags: ["Operating"],
    security,
    responses: {
      "200": success,
      "401": problem("Missing or unknown token."),
      "403": problem(`The token does not have \`${right}\`, or does not grant access to the app.`),
      "429": problem("Too many requests from this address. Retry after the time in Retry-After."),
    },
  });
  return {
    "/erasures": {
      post: {
        summary: "Deletes the logs and rejected events of one user. Repeat it until `remaining` is 0.",
        tags: ["Operating"],
        security,
        requestBody: { required: true, content: { "application/json": { schema: erasureRequestSchema } } },
        responses: {
          "200": json(
            "Number of deleted documents; with `dryRun`, of documents that would be deleted.",
            erasureResponseSchema,
          ),
          "400": problem("Invalid request."),
          "401": problem("Missing or unknown token."),
          "403": problem("The token does not have `canErase`, or does not grant access to the app."),
          "409": problem("An index is closed, so its logs cannot be erased."),
          "429": problem("Too many requests from this address. Retry after the time in Retry-After."),
          "503": problem("OpenSearch is unavailable. Retry after the time in Retry-After."),
        },
      },
    },
    "/status": {
      get: operation(
        "The state of each part of the deployment.",
        "canMonitor",
        json("Parts that cannot be read are absent.", statusResponseSchema),
      ),
    },
    "/metrics": {
      get: operation("The same as metrics in Prometheus' text format.", "canMonitor", {
        description: "Metrics whose part of the state cannot be read are absent.",
        content: { "text/plain": { schema: z.string() } },
      }),
    },
    "/relay/status": {
      post: {
        summary: "The report of a relay, which it sends each minute.",
        tags: ["Operating"],
        security: [{ relayToken: [] }],
        requestBody: { required: true, content: { "application/json": { schema: relayReportSchema } } },
        responses: {
          "204": { description: "Stored." },
          "400": problem("The body is not a report."),
          "401": problem("Missing or invalid relay token."),
          "503": problem("OpenSearch is unavailable."),
        },
      },
    },
  };
};
