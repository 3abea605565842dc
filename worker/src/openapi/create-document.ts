/**
 * The OpenAPI description of all routes, derived from the schemas that validate them. `npm run generate` writes it to
 * `openapi.json`, which the Worker serves; generating it per request would be slow.
 */
import * as z from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import {
  alertRuleInputSchema,
  alertRuleSchema,
  alertsResponseSchema,
  alertTestResponseSchema,
} from "#contract/api/alerts.ts";
import { batchSchema } from "#contract/wire/batch.ts";
import { exportParamsSchema } from "#contract/api/export.ts";
import { healthSchema } from "#contract/api/health.ts";
import { logEventSchema } from "#contract/wire/log-event.ts";
import { readerResponseSchema } from "#contract/api/reader.ts";
import {
  contextResponseSchema,
  contextParamsSchema,
  rejectedResponseSchema,
  rejectedParamsSchema,
  searchResponseSchema,
  searchParamsSchema,
} from "#contract/api/search.ts";
import {
  facetsResponseSchema,
  facetsParamsSchema,
  fieldsResponseSchema,
  fieldsParamsSchema,
  groupsResponseSchema,
  groupsParamsSchema,
  histogramResponseSchema,
  histogramParamsSchema,
  overviewResponseSchema,
  overviewParamsSchema,
} from "#contract/api/statistics.ts";
import { usageParamsSchema, usageResponseSchema } from "#contract/api/usage.ts";
import { receiptSchema } from "#contract/wire/receipt.ts";
import { createElasticsearchPaths } from "./elasticsearch-paths.ts";
import { createIntakePaths } from "./intake-paths.ts";
import { createMcpPaths } from "./mcp-paths.ts";
import { createOperatingPaths } from "./operating-paths.ts";
import { createOtlpOperation } from "./otlp-operation.ts";
import { json, problem, READ_PROBLEMS, receiptOrProblem } from "./responses.ts";
import { relayResponseSchema } from "#contract/relay/relay-frame.ts";

const READER = [{ readerToken: [] }];
const APP = [{ appKey: [] }, { appBearer: [] }];

const readOperation = (summary: string, query: z.ZodObject, response: z.ZodType): ZodOpenApiOperationObject => ({
  summary,
  tags: ["Reading"],
  security: READER,
  requestParams: { query },
  responses: { "200": json("Success.", response), ...READ_PROBLEMS },
});

const withResponse = (
  operation: ZodOpenApiOperationObject,
  responses: ZodOpenApiResponsesObject,
): ZodOpenApiOperationObject => ({ ...operation, responses: { ...operation.responses, ...responses } });

const readPaths: ZodOpenApiPathsObject = {
  "/reader": { get: readOperation("The permissions of the token.", z.object({}), readerResponseSchema) },
  "/tail": {
    get: {
      summary: "Live tail as MQTT 5 over WebSocket. Subprotocol `mqtt`, user name `_reader`, password: a reader token.",
      tags: ["Reading"],
      responses: {
        "101": { description: "Connected. The CONNACK accepts or refuses the token." },
        "403": problem("The page belongs to another site."),
        "426": problem("The request is not an upgrade to MQTT over WebSocket."),
      },
    },
  },
  "/search": {
    get: readOperation("Matching logs, newest first, page by page.", searchParamsSchema, searchResponseSchema),
  },
  "/histogram": {
    get: readOperation("Counts over time by severity.", histogramParamsSchema, histogramResponseSchema),
  },
  "/facets": {
    get: readOperation(
      "Most frequent values of fields, and statistics of numeric fields.",
      facetsParamsSchema,
      facetsResponseSchema,
    ),
  },
  "/fields": {
    get: readOperation("Names of fields and attributes, for completion.", fieldsParamsSchema, fieldsResponseSchema),
  },
  "/groups": { get: readOperation("Errors grouped by fingerprint.", groupsParamsSchema, groupsResponseSchema) },
  "/overview": {
    get: readOperation(
      "Counts, facets, rejected events and newest errors for an overview page.",
      overviewParamsSchema,
      overviewResponseSchema,
    ),
  },
  "/context": {
    get: withResponse(
      readOperation(
        "An event, and the logs around it of the same session, device, client, trace, host, service or app.",
        contextParamsSchema,
        contextResponseSchema,
      ),
      { "404": problem("No app of the token has an event with this id.") },
    ),
  },
  "/rejected": {
    get: readOperation(
      "Rejected events with their reasons, newest first.",
      rejectedParamsSchema,
      rejectedResponseSchema,
    ),
  },
  "/usage": {
    get: readOperation("Bytes and events of apps by day, and their quotas.", usageParamsSchema, usageResponseSchema),
  },
  "/export": {
    get: {
      ...readOperation("All matching logs, oldest first, as a resumable stream.", exportParamsSchema, z.string()),
      responses: {
        "200": {
          description: "The export is complete if the stream ends normally. Resume an aborted stream with `after`.",
          content: {
            "application/x-ndjson": { schema: z.string() },
            "text/csv": { schema: z.string() },
            "text/plain": { schema: z.string() },
          },
        },
        ...READ_PROBLEMS,
      },
    },
  },
};

const alertId = z.object({ id: z.guid() });
const ruleBody = { required: true, content: { "application/json": { schema: alertRuleInputSchema } } };
const alertOperation = (summary: string, responses: ZodOpenApiResponsesObject): ZodOpenApiOperationObject => ({
  summary,
  tags: ["Alerts"],
  security: READER,
  responses: { ...responses, ...READ_PROBLEMS },
});

const NO_RULE = { "404": problem("There is no rule with this id whose apps the token may read.") };

const alertPaths: ZodOpenApiPathsObject = {
  "/alerts": {
    get: alertOperation("Lists the alert rules whose apps the token may read.", {
      "200": json("The rules.", alertsResponseSchema),
    }),
    post: {
      ...alertOperation("Creates an alert rule.", {
        "201": json("The rule.", alertRuleSchema),
        "409": problem("The maximum number of rules is reached."),
      }),
      requestBody: ruleBody,
    },
  },
  "/alerts/{id}": {
    put: {
      ...alertOperation("Replaces an alert rule.", {
        "200": json("The rule.", alertRuleSchema),
        ...NO_RULE,
        "409": problem("The rule has changed since it was read."),
      }),
      requestParams: { path: alertId },
      requestBody: ruleBody,
    },
    delete: {
      ...alertOperation("Deletes an alert rule.", {
        "204": { description: "Deleted." },
        ...NO_RULE,
        "409": problem("The rule has changed since it was read."),
      }),
      requestParams: { path: alertId },
    },
  },
  "/alerts/{id}/test": {
    post: {
      ...alertOperation("Sends a test message to the rule's webhook.", {
        "200": json("The response of the webhook.", alertTestResponseSchema),
        ...NO_RULE,
      }),
      requestParams: { path: alertId },
    },
  },
};

const writePaths: ZodOpenApiPathsObject = {
  "/logs": {
    post: {
      summary: "Stores a batch, an event, a list of events, NDJSON or text. The response is the receipt.",
      tags: ["Writing"],
      security: APP,
      requestBody: {
        required: true,
        content: {
          "application/json": { schema: z.union([batchSchema, logEventSchema, z.array(logEventSchema)]) },
          "application/x-ndjson": { schema: z.string() },
          "text/plain": { schema: z.string() },
        },
      },
      responses: {
        "200": json("Every event is stored, a duplicate or rejected; at least one is not rejected.", receiptSchema),
        "400": json("Every event was rejected. Do not resend them.", receiptSchema),
        "401": problem("Missing credentials, unknown app or invalid key."),
        "403": problem("The app is disabled, or the page's origin is not allowed."),
        "408": problem("The body was not received in time. Resend it."),
        "413": receiptOrProblem("The body is too large or has too many events. Split it and resend."),
        "415": problem("Unsupported Content-Encoding."),
        "429": problem("Too many requests from this address or app. Retry after the time in Retry-After."),
        "503": receiptOrProblem(
          "Resend the events listed in `unfinished`, or after a problem the whole request, after the time in Retry-After.",
        ),
      },
    },
  },
  "/v1/logs": { post: createOtlpOperation(json, APP) },
  ...createElasticsearchPaths(json, APP),
  ...createIntakePaths(APP),
  "/mqtt": {
    get: {
      summary: "MQTT over WebSocket for sending logs. Subprotocol `mqtt`; the broker checks the credentials.",
      tags: ["Writing"],
      responses: {
        "101": { description: "Connected." },
        "426": problem("The request is not an upgrade to MQTT over WebSocket."),
        "502": problem("No broker."),
      },
    },
  },
  "/relay": {
    post: {
      summary: "Stores MQTT messages sent by the relay, in the frame format of contract/relay/relay-frame.ts.",
      tags: ["Operating"],
      security: [{ relayToken: [] }],
      requestBody: { required: true, content: { "application/octet-stream": { schema: z.string() } } },
      responses: {
        "200": json("One outcome for each message.", relayResponseSchema),
        "400": problem("The body is not a relay frame."),
        "401": problem("Missing or invalid relay token."),
        "409": problem("The clocks of relay and Worker differ; no message is stored."),
        "413": problem("The body is too large."),
        "503": problem("OpenSearch is unavailable, or too many requests are in progress; no message is stored."),
      },
    },
  },
  "/healthz": {
    get: {
      summary: "Whether logs can be stored and searched. Responds within 2 seconds.",
      tags: ["Operating"],
      responses: {
        "200": json("The Worker is configured; `status` is its health.", healthSchema),
        "500": problem("A binding, variable or secret of the Worker is missing or malformed."),
      },
    },
  },
  "/openapi.json": {
    get: {
      summary: "This description as OpenAPI 3.1.",
      tags: ["Operating"],
      responses: { "200": { description: "OpenAPI 3.1." } },
    },
  },
  "/docs": {
    get: {
      summary: "This description as an HTML page.",
      tags: ["Operating"],
      responses: { "200": { description: "HTML." } },
    },
  },
};

export const createOpenApiDocument = (): object =>
  createDocument({
    openapi: "3.1.0",
    info: {
      title: "edgelog",
      version: "1",
      description:
        "Log ingest and search for web and mobile apps. Events: contract/PROTOCOL.md. Queries: contract/QUERY.md.",
    },
    paths: {
      ...readPaths,
      ...createMcpPaths(json, problem, READER),
      ...alertPaths,
      ...createOperatingPaths(json, problem, READER),
      ...writePaths,
    },
    components: {
      securitySchemes: {
        readerToken: { type: "http", scheme: "bearer", description: "Reader token, scoped to apps." },
        appKey: { type: "http", scheme: "basic", description: "User name: app id. Password: publishable key." },
        appBearer: { type: "http", scheme: "bearer", description: "`app:key` as the token." },
        relayToken: { type: "http", scheme: "bearer", description: "Token of the relay." },
      },
    },
  });
