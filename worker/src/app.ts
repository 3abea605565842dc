/**
 * The Worker's routes. Each is one function in routes/; CORS, rate limits and error responses are handled here.
 */
import { Hono, type Context } from "hono";
import { appAccess, type AppAccess } from "./access/app-access.ts";
import { appCors } from "./access/app-cors.ts";
import { FailureError, type Failure } from "./failure.ts";
import { toProblemResponse } from "./http/problem.ts";
import { logWarning } from "./logger.ts";
import { PatternTooComplexError, StoreUnavailableError } from "./opensearch/client.ts";
import { limitAddress } from "./access/rate-limit.ts";
import { getAlerts, postAlert, putAlert, deleteAlert, testAlert } from "./routes/alerts.ts";
import { getContext } from "./routes/context.ts";
import { getDemoConfig } from "./routes/demo-config.ts";
import { getDocs, getOpenApi } from "./routes/docs.ts";
import { postErasure } from "./routes/erasures.ts";
import { BULK_PATHS, BULK_PREFIXES, DOCUMENT_PATHS, ELASTICSEARCH_PREFIX } from "./routes/elasticsearch-paths.ts";
import { elasticsearchErrors, getElasticsearchSetup, postBulk, postDocument } from "./routes/elasticsearch.ts";
import { getExport } from "./routes/export.ts";
import { getHealthz } from "./routes/healthz.ts";
import { addIntakeErrors, addIntakeRoutes } from "./routes/intake.ts";
import { postLogs } from "./routes/logs.ts";
import { postMcp, rejectMcpMethod } from "./routes/mcp.ts";
import { getMqtt } from "./routes/mqtt.ts";
import { otlpErrors, postOtlpLogs } from "./routes/otlp-logs.ts";
import type { ReadCall } from "./routes/parse-read-request.ts";
import { getReader } from "./routes/reader.ts";
import { getRejected } from "./routes/rejected.ts";
import { postRelay } from "./routes/relay.ts";
import { getSearch } from "./routes/search.ts";
import { getFacets, getFields, getGroups, getHistogram, getOverview } from "./routes/statistics.ts";
import { getUsage } from "./routes/usage.ts";
import { getMetrics, getStatus, postRelayStatus } from "./routes/status.ts";
import { getTail } from "./routes/tail.ts";
import { securityHeaders } from "./http/security-headers.ts";

/** Not rate limited by address: the relay sends the logs of all MQTT clients from one address. */
const UNLIMITED_PATHS = new Set(["/relay", "/relay/status", "/healthz"]);

const toFailure = (error: Error): Failure => {
  if (error instanceof FailureError) return error.failure;
  if (error instanceof PatternTooComplexError) {
    const message = "A pattern of this query is too complex for OpenSearch. Use fewer ? and *.";
    return { kind: "invalid_query", error: { reason: "too_complex", message, offset: 0, length: 0 } };
  }
  if (error instanceof StoreUnavailableError) {
    logWarning("OpenSearch is unavailable", { status: error.status ?? "no response", detail: error.message });
    return { kind: "store_unavailable" };
  }
  logWarning("request failed", { error: error.name, detail: error.message.slice(0, 300) });
  return { kind: "internal" };
};

/** The response to a request whose handling threw. */
export const toErrorResponse = (error: Error): Response => toProblemResponse(toFailure(error));

const WRITE_METHODS = ["POST", "PUT"];

const addElasticsearchRoutes = (app: Hono<AppAccess>): void => {
  for (const prefix of BULK_PREFIXES) {
    for (const path of BULK_PATHS) {
      app.on(WRITE_METHODS, `${prefix}${path}`, appAccess, (c) =>
        postBulk(c.req.raw, c.env, c.var.app, c.executionCtx, c.req.param("index")),
      );
    }
    for (const path of DOCUMENT_PATHS) {
      app.on(WRITE_METHODS, `${prefix}${path}`, appAccess, (c) => {
        const { index = "", id } = c.req.param() as Readonly<Record<string, string | undefined>>;
        return postDocument(c.req.raw, c.env, c.var.app, c.executionCtx, { index, id });
      });
    }
  }
  app.all(ELASTICSEARCH_PREFIX, appAccess, (c) => getElasticsearchSetup(c.req.method, c.req.path));
  app.all(`${ELASTICSEARCH_PREFIX}/*`, appAccess, (c) => getElasticsearchSetup(c.req.method, c.req.path));
};

const toReadCall = (c: Context<AppAccess>): ReadCall => ({ request: c.req.raw, env: c.env, context: c.executionCtx });

export const createApp = (): Hono<AppAccess> => {
  const app = new Hono<AppAccess>();

  app.use(securityHeaders);
  app.use("/logs", appCors);
  app.use("/v1/logs", appCors);
  app.use("/v1/logs", otlpErrors);
  app.use(`${ELASTICSEARCH_PREFIX}/*`, elasticsearchErrors);
  addIntakeErrors(app);
  for (const path of [...BULK_PATHS, ...DOCUMENT_PATHS]) app.use(path, elasticsearchErrors);
  // Cloudflare cancels a request whose client has disconnected, for example because its page was left. The logs are stored
  // nevertheless, even if the client disconnects before its key is checked.
  app.post("/logs", async (c, next) => {
    const handled = next();
    c.executionCtx.waitUntil(handled.catch(() => undefined));
    await handled;
  });
  app.use(async (c, next) => {
    if (!UNLIMITED_PATHS.has(c.req.path)) await limitAddress(c.req.raw, c.env);
    await next();
  });
  app.post("/logs", appAccess, (c) => postLogs(c.req.raw, c.env, c.var.app, c.executionCtx));
  app.post("/v1/logs", appAccess, (c) => postOtlpLogs(c.req.raw, c.env, c.var.app, c.executionCtx));
  addElasticsearchRoutes(app);
  addIntakeRoutes(app);
  app.post("/relay", (c) => postRelay(c.req.raw, c.env, c.executionCtx));
  app.post("/relay/status", (c) => postRelayStatus(c.req.raw, c.env));
  app.get("/mqtt", (c) => getMqtt(c.req.raw, c.env));
  app.get("/tail", (c) => getTail(c.req.raw, c.env));
  app.get("/reader", (c) => getReader(c.req.raw, c.env));
  app.get("/search", (c) => getSearch(toReadCall(c)));
  app.get("/histogram", (c) => getHistogram(toReadCall(c)));
  app.get("/facets", (c) => getFacets(toReadCall(c)));
  app.get("/fields", (c) => getFields(toReadCall(c)));
  app.get("/groups", (c) => getGroups(toReadCall(c)));
  app.get("/overview", (c) => getOverview(toReadCall(c)));
  app.get("/context", (c) => getContext(toReadCall(c)));
  app.get("/export", (c) => getExport(toReadCall(c)));
  app.get("/usage", (c) => getUsage(toReadCall(c)));
  app.get("/rejected", (c) => getRejected(toReadCall(c)));
  app.post("/mcp", (c) => postMcp(toReadCall(c), toFailure));
  app.on(["GET", "DELETE"], "/mcp", () => rejectMcpMethod());
  app.get("/alerts", (c) => getAlerts(c.req.raw, c.env));
  app.post("/alerts", (c) => postAlert(c.req.raw, c.env));
  app.put("/alerts/:id", (c) => putAlert(c.req.raw, c.env, c.req.param("id")));
  app.delete("/alerts/:id", (c) => deleteAlert(c.req.raw, c.env, c.req.param("id")));
  app.post("/alerts/:id/test", (c) => testAlert(c.req.raw, c.env, c.req.param("id")));
  app.post("/erasures", (c) => postErasure(c.req.raw, c.env));
  app.get("/status", (c) => getStatus(c.req.raw, c.env, c.executionCtx));
  app.get("/metrics", (c) => getMetrics(c.req.raw, c.env, c.executionCtx));
  app.get("/openapi.json", () => getOpenApi());
  app.get("/docs", () => getDocs());
  app.get("/healthz", (c) => getHealthz(c.env, c.executionCtx));
  app.get("/demo/config.json", (c) => getDemoConfig(c.req.raw, c.env));

  app.notFound((c) => toProblemResponse({ kind: "route_not_found", method: c.req.method }));
  app.onError(toErrorResponse);
  return app;
};
