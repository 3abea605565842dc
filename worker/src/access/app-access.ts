/**
 * Lets an app's request pass: its key, its page's origin, its rate. What comes after knows the app's name.
 */
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { ANY_ORIGIN } from "#contract/store/app-record.ts";
import { authenticateApp } from "./credentials.ts";
import type { Env } from "../env.ts";
import { assertOrigin } from "./origins.ts";
import { ProblemError } from "../http/problem.ts";
import { limitApp } from "./rate-limit.ts";

const PREFLIGHT_MAX_AGE_SECONDS = 86_400;

/** What handlers find in their context. */
export interface AppAccess {
  readonly Bindings: Env;
  readonly Variables: { app: string };
}

/**
 * A preflight names no app, so it is granted to every origin; it gives leave to ask and no more. A refused key may be read
 * by any page, so that its author learns what is wrong.
 */
export const appCors = cors({
  origin: "*",
  allowMethods: ["POST"],
  allowHeaders: ["Authorization", "Content-Type", "Content-Encoding"],
  exposeHeaders: ["Retry-After"],
  maxAge: PREFLIGHT_MAX_AGE_SECONDS,
});

/** To be used after {@link appCors}. From here on only the origins that the app allows may read the answer. */
export const appAccess: MiddlewareHandler<AppAccess> = async (c, next) => {
  const request = c.req.raw;
  const { app, record } = await authenticateApp(request, c.env.APPS);
  const { headers } = c.res;
  if (!record.origins.includes(ANY_ORIGIN)) {
    headers.delete("Access-Control-Allow-Origin");
    headers.append("Vary", "Origin");
    assertOrigin(request, record.origins);
    const origin = request.headers.get("Origin");
    if (origin !== null) headers.set("Access-Control-Allow-Origin", origin);
  }
  if (record.disabled) {
    throw new ProblemError({ status: 403, reason: "app_disabled", detail: "This app is disabled.", field: "app" });
  }
  await limitApp(app, record, c.env);
  c.set("app", app);
  await next();
};
