/**
 * The OpenAPI description of the routes of other log services. Their bodies are described by these services and only named here.
 */
import * as z from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from "zod-openapi";
import { INTAKE_ROUTES, SPLUNK_HEALTH_PATHS, type IntakeRoute } from "../routes/intake-routes.ts";

type Security = NonNullable<ZodOpenApiOperationObject["security"]>;

const toOperation = (route: IntakeRoute, security: Security, hasKeyInPath: boolean): ZodOpenApiOperationObject => ({
  summary: `For ${route.sender}.`,
  tags: ["Writing"],
  security: hasKeyInPath ? [] : security,
  ...(hasKeyInPath
    ? { requestParams: { path: z.object({ key: z.string().meta({ description: "`app:key`." }) }) } }
    : {}),
  requestBody: {
    required: true,
    content: Object.fromEntries(
      route.contentTypes.map((type) => [
        type,
        { schema: type.includes("json") && !type.includes("ndjson") ? z.unknown() : z.string() },
      ]),
    ),
  },
  responses: {
    [route.successStatus]: { description: "The events are stored, duplicates or rejected." },
    "400": { description: "All events are rejected, or the body is not of this protocol. Do not resend it." },
    "401": { description: "Missing credentials, unknown app or invalid key." },
    "403": { description: "The app is disabled, or the page's origin is not allowed." },
    "413": { description: "The body is too large or has too many events. Split it and resend." },
    "415": { description: "Unsupported Content-Encoding." },
    "429": { description: "Too many requests from this address or app. Retry after the time in Retry-After." },
    "503": { description: "Events are not stored yet. Resend the request after the time in Retry-After." },
  },
});

export const createIntakePaths = (security: Security): ZodOpenApiPathsObject => ({
  ...Object.fromEntries(
    INTAKE_ROUTES.flatMap((route) =>
      route.paths.map((path) => [
        path.replaceAll(/:(\w+)/g, "{$1}"),
        { post: toOperation(route, security, path.includes(":")) },
      ]),
    ),
  ),
  ...Object.fromEntries(
    SPLUNK_HEALTH_PATHS.map((path) => [
      path,
      {
        get: {
          summary: "For clients of Splunk's HTTP Event Collector, which request it before they send.",
          tags: ["Writing"],
          responses: { "200": { description: "Events are accepted." } },
        },
      },
    ]),
  ),
});
