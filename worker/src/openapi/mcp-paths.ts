/**
 * The OpenAPI description of `POST /mcp`. The messages are those of the Model Context Protocol and only named here.
 */
import * as z from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponseObject } from "zod-openapi";

/**
 * @param json Describes a JSON response.
 * @param problem Describes an error response.
 */
export const createMcpPaths = (
  json: (description: string, schema: z.ZodType) => ZodOpenApiResponseObject,
  problem: (description: string) => ZodOpenApiResponseObject,
  security: NonNullable<ZodOpenApiOperationObject["security"]>,
): ZodOpenApiPathsObject => ({
  "/mcp": {
    post: {
      summary:
        "MCP server (Model Context Protocol, streamable HTTP, stateless) with the tools search, facets, groups, context and fields.",
      tags: ["Reading"],
      security,
      requestBody: {
        required: true,
        content: { "application/json": { schema: z.looseObject({ jsonrpc: z.literal("2.0") }) } },
      },
      responses: {
        "200": json("The response of the protocol. Errors of a tool are results with `isError`.", z.looseObject({})),
        "202": { description: "A notification was accepted." },
        "400": problem("The body is not one JSON-RPC message."),
        "401": problem("Missing or unknown token."),
        "413": problem("The body is too large."),
        "429": problem("Too many requests from this address. Retry after the time in Retry-After."),
      },
    },
  },
});
