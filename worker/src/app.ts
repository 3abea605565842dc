/**
 * The Worker's routes. Each is one function in routes/; what all of them share (CORS, errors) is here.
 */
import { Hono } from "hono";
import { cors } from "hono/cors";
import type { Env } from "./env.ts";
import { logTrouble } from "./logger.ts";
import { ProblemError } from "./problem.ts";
import { getDemoConfig } from "./routes/demo-config.ts";
import { getHealthz } from "./routes/healthz.ts";
import { postLogs } from "./routes/logs.ts";
import { getMqtt } from "./routes/mqtt.ts";
import { postRelay } from "./routes/relay.ts";
import { getSearch } from "./routes/search.ts";

const PREFLIGHT_MAX_AGE_SECONDS = 86_400;

/** Apps log from their own origins; the key, not a cookie, is what identifies them. */
const logsCors = cors({
  origin: "*",
  allowMethods: ["POST"],
  allowHeaders: ["Authorization", "Content-Type", "Content-Encoding"],
  exposeHeaders: ["Retry-After"],
  maxAge: PREFLIGHT_MAX_AGE_SECONDS,
});

export const createApp = (): Hono<{ Bindings: Env }> => {
  const app = new Hono<{ Bindings: Env }>();

  app.use("/logs", logsCors);
  app.post("/logs", (c) => postLogs(c.req.raw, c.env));
  app.post("/relay", (c) => postRelay(c.req.raw, c.env));
  app.get("/mqtt", (c) => getMqtt(c.req.raw, c.env));
  app.get("/search", (c) => getSearch(c.req.raw, c.env));
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
