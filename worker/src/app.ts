/**
 * The Worker's routes. Each is one function in routes/; what all of them share (CORS, errors) is here.
 */
import { Hono } from "hono";
import { appAccess, appCors, type AppAccess } from "./access/app-access.ts";
import { logTrouble } from "./logger.ts";
import { ProblemError } from "./http/problem.ts";
import { limitAddress } from "./access/rate-limit.ts";
import { getAlerts, postAlert, putAlert, removeAlert, testAlert } from "./routes/alerts.ts";
import { getContext } from "./routes/context.ts";
import { getDemoConfig } from "./routes/demo-config.ts";
import { getDocs, getOpenApi } from "./routes/docs.ts";
import { getExport } from "./routes/export.ts";
import { getHealthz } from "./routes/healthz.ts";
import { postLogs } from "./routes/logs.ts";
import { getMqtt } from "./routes/mqtt.ts";
import { getReader } from "./routes/reader.ts";
import { getRejected } from "./routes/rejected.ts";
import { postRelay } from "./routes/relay.ts";
import { getSearch } from "./routes/search.ts";
import { getFacets, getFields, getGroups, getHistogram, getOverview } from "./routes/statistics.ts";
import { getTail } from "./routes/tail.ts";
import { securityHeaders } from "./http/security-headers.ts";

/** The relay is one address for all its clients, and shows a token that nobody guesses. */
const UNLIMITED_PATHS = new Set(["/relay", "/healthz"]);

export const createApp = (): Hono<AppAccess> => {
  const app = new Hono<AppAccess>();

  app.use(securityHeaders);
  app.use("/logs", appCors);
  app.use(async (c, next) => {
    if (!UNLIMITED_PATHS.has(c.req.path)) await limitAddress(c.req.raw, c.env);
    await next();
  });
  app.post("/logs", appAccess, (c) => postLogs(c.req.raw, c.env, c.var.app));
  app.post("/relay", (c) => postRelay(c.req.raw, c.env));
  app.get("/mqtt", (c) => getMqtt(c.req.raw, c.env));
  app.get("/tail", (c) => getTail(c.req.raw, c.env));
  app.get("/reader", (c) => getReader(c.req.raw, c.env));
  app.get("/search", (c) => getSearch(c.req.raw, c.env));
  app.get("/histogram", (c) => getHistogram(c.req.raw, c.env));
  app.get("/facets", (c) => getFacets(c.req.raw, c.env));
  app.get("/fields", (c) => getFields(c.req.raw, c.env));
  app.get("/groups", (c) => getGroups(c.req.raw, c.env));
  app.get("/overview", (c) => getOverview(c.req.raw, c.env));
  app.get("/context", (c) => getContext(c.req.raw, c.env));
  app.get("/export", (c) => getExport(c.req.raw, c.env));
  app.get("/rejected", (c) => getRejected(c.req.raw, c.env));
  app.get("/alerts", (c) => getAlerts(c.req.raw, c.env));
  app.post("/alerts", (c) => postAlert(c.req.raw, c.env));
  app.put("/alerts/:id", (c) => putAlert(c.req.raw, c.env, c.req.param("id")));
  app.delete("/alerts/:id", (c) => removeAlert(c.req.raw, c.env, c.req.param("id")));
  app.post("/alerts/:id/test", (c) => testAlert(c.req.raw, c.env, c.req.param("id")));
  app.get("/openapi.json", () => getOpenApi());
  app.get("/docs", () => getDocs());
  app.get("/healthz", (c) => getHealthz(c.req.raw, c.env));
  app.get("/demo/config.json", (c) => getDemoConfig(c.req.raw, c.env));

  app.notFound((c) =>
    new ProblemError({
      status: 404,
      reason: "not_found",
      detail: `There is no ${c.req.method} on this path.`,
    }).toResponse(),
  );

  app.onError((error) => {
    if (error instanceof ProblemError) return error.toResponse();
    logTrouble("a request failed", { error: error.name, detail: error.message.slice(0, 300) });
    return new ProblemError({
      status: 500,
      reason: "internal",
      detail: "The request failed here. Nothing is known of it: send it again.",
      headers: { "Retry-After": "5" },
    }).toResponse();
  });
  return app;
};
