/**
 * The description of all routes, made from the schemas that check them. `npm run generate` writes it to
 * `openapi.json`, which is what the Worker serves: making it takes longer than most requests.
 */
import * as z from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
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
import { problemSchema } from "#contract/api/problem.ts";
import { receiptSchema } from "#contract/wire/receipt.ts";
import { relayResponseSchema } from "#contract/relay/relay-frame.ts";

const READER = [{ readerToken: [] }];
const APP = [{ appKey: [] }, { appBearer: [] }];

const json = (description: string, schema: z.ZodType): ZodOpenApiResponseObject => ({
  description,
  content: { "application/json": { schema } },
});

const problem = (description: string): ZodOpenApiResponseObject => ({
  description,
  content: { "application/problem+json": { schema: problemSchema } },
});

const READ_PROBLEMS = {
  "400": problem("A parameter is wrong; with `invalid_query`, `offset` and `length` say where in `q`."),
  "401": problem("No token, or one that nobody gave out."),
  "403": problem("The token may not read that app, or not do that."),
  "503": problem("OpenSearch does not answer. Retry-After says when to come again."),
};

const read = (summary: string, query: z.ZodObject, answer: z.ZodType): ZodOpenApiOperationObject => ({
  summary,
  tags: ["Reading"],
  security: READER,
  requestParams: { query },
  responses: { "200": json("The answer.", answer), ...READ_PROBLEMS },
});

const readPaths: ZodOpenApiPathsObject = {
  "/reader": { get: read("What the token may do.", z.object({}), readerResponseSchema) },
  "/tail": {
    get: {
      summary: "A live tail: MQTT 5 over WebSocket, subprotocol mqtt, user name `_reader`, password a reader token.",
      tags: ["Reading"],
      responses: {
        "101": { description: "Connected. The CONNACK tells whether the token is good." },
        "403": problem("A page that is not the Worker's own."),
        "426": problem("Not a WebSocket."),
      },
    },
  },
  "/search": { get: read("The newest logs that match, page by page.", searchParamsSchema, searchResponseSchema) },
  "/histogram": {
    get: read(
      "Counts over time by severity, in intervals that fit the range.",
      histogramParamsSchema,
      histogramResponseSchema,
    ),
  },
  "/facets": { get: read("Top values of fields, statistics of numbers.", facetsParamsSchema, facetsResponseSchema) },
  "/fields": { get: read("Names of fields and attributes, for completion.", fieldsParamsSchema, fieldsResponseSchema) },
  "/groups": { get: read("Errors grouped by their fingerprint.", groupsParamsSchema, groupsResponseSchema) },
  "/overview": { get: read("What a first look needs.", overviewParamsSchema, overviewResponseSchema) },
  "/context": {
    get: read(
      "What the same session, device or client logged around an event.",
      contextParamsSchema,
      contextResponseSchema,
    ),
  },
  "/rejected": { get: read("What could not be stored, and why.", rejectedParamsSchema, rejectedResponseSchema) },
  "/export": {
    get: {
      ...read(
        "All logs that match, the oldest first, as a stream that can be resumed.",
        exportParamsSchema,
        z.string(),
      ),
      responses: {
        "200": {
          description: "A stream that ends well is whole. Resume one that breaks with `after`.",
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
const alert = (summary: string, responses: ZodOpenApiResponsesObject): ZodOpenApiOperationObject => ({
  summary,
  tags: ["Alerts"],
  security: READER,
  responses: { ...responses, ...READ_PROBLEMS },
});

const alertPaths: ZodOpenApiPathsObject = {
  "/alerts": {
    get: alert("The rules whose apps the token may read.", { "200": json("The rules.", alertsResponseSchema) }),
    post: {
      ...alert("Makes a rule.", { "201": json("The rule.", alertRuleSchema), "409": problem("There are too many.") }),
      requestBody: ruleBody,
    },
  },
  "/alerts/{id}": {
    put: {
      ...alert("Changes a rule.", { "200": json("The rule.", alertRuleSchema), "409": problem("Changed meanwhile.") }),
      requestParams: { path: alertId },
      requestBody: ruleBody,
    },
    delete: {
      ...alert("Deletes a rule.", { "204": { description: "It is gone." } }),
      requestParams: { path: alertId },
    },
  },
  "/alerts/{id}/test": {
    post: {
      ...alert("Sends a test message.", { "200": json("What the webhook said.", alertTestResponseSchema) }),
      requestParams: { path: alertId },
    },
  },
};

const writePaths: ZodOpenApiPathsObject = {
  "/logs": {
    post: {
      summary: "Takes a batch, an event, a list of events, NDJSON or text; the answer is the receipt.",
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
        "200": json("Each event is stored, a duplicate, or rejected.", receiptSchema),
        "400": json("Every event was rejected. Do not send them again.", receiptSchema),
        "401": problem("No credentials, unknown app, or a wrong key."),
        "413": problem("Too large, or too many events. Split it, and send again."),
        "415": problem("A Content-Encoding that is not supported."),
        "503": json("Send what `unfinished` names again.", receiptSchema),
      },
    },
  },
  "/mqtt": {
    get: {
      summary: "MQTT over WebSocket, subprotocol mqtt; the broker checks the credentials.",
      tags: ["Writing"],
      responses: {
        "101": { description: "Connected." },
        "426": problem("Not a WebSocket."),
        "502": problem("No broker."),
      },
    },
  },
  "/relay": {
    post: {
      summary: "Messages that the relay took from the broker; its own frame, see relay-frame.ts.",
      tags: ["Operating"],
      security: [{ relayToken: [] }],
      requestBody: { required: true, content: { "application/octet-stream": { schema: z.string() } } },
      responses: {
        "200": json("One outcome for each message.", relayResponseSchema),
        "401": problem("Not the relay."),
        "503": problem("OpenSearch took none of them."),
      },
    },
  },
  "/healthz": {
    get: {
      summary: "Whether the Worker works, and whether OpenSearch answers.",
      tags: ["Operating"],
      responses: {
        "200": json("It works.", z.object({ status: z.literal("ok"), opensearch: z.enum(["up", "down"]) })),
      },
    },
  },
  "/openapi.json": {
    get: { summary: "This description.", tags: ["Operating"], responses: { "200": { description: "OpenAPI 3.1." } } },
  },
  "/docs": {
    get: {
      summary: "This description, for people.",
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
      description: "Logs of web and mobile apps. Events: contract/PROTOCOL.md. Queries: contract/QUERY.md.",
    },
    paths: { ...readPaths, ...alertPaths, ...writePaths },
    components: {
      securitySchemes: {
        readerToken: { type: "http", scheme: "bearer", description: "A reader token; it is scoped to apps." },
        appKey: { type: "http", scheme: "basic", description: "App id and publishable key." },
        appBearer: { type: "http", scheme: "bearer", description: "`app:key`" },
        relayToken: { type: "http", scheme: "bearer", description: "The relay's token." },
      },
    },
  });
