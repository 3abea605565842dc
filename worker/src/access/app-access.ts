/**
 * Authorizes a request of an app: its key, the page's origin, and the rate limit. Later handlers read the app's id.
 */
import { openAppStore } from "./app-store.ts";
import type { MiddlewareHandler } from "hono";
import { ANY_ORIGIN } from "#contract/store/app-record.ts";
import type { Env } from "../env.ts";
import { FailureError } from "../failure.ts";
import { authenticateApp } from "./credentials.ts";
import { assertOrigin } from "./origins.ts";
import { limitApp } from "./rate-limit.ts";

/** Hono's context after {@link appAccess}: `app` is the id of the authenticated app. */
export interface AppAccess {
  readonly Bindings: Env;
  readonly Variables: { app: string };
}

/** Must run after `appCors`. Restricts the CORS headers to the origins of the authenticated app. */
export const appAccess: MiddlewareHandler<AppAccess> = async (c, next) => {
  const request = c.req.raw;
  const { app, record } = await authenticateApp(request, openAppStore(c.env));
  const { headers } = c.res;
  if (!record.origins.includes(ANY_ORIGIN)) {
    headers.delete("Access-Control-Allow-Origin");
    assertOrigin(request, record.origins);
    const origin = request.headers.get("Origin");
    if (origin !== null) headers.set("Access-Control-Allow-Origin", origin);
  }
  if (record.disabled) throw new FailureError({ kind: "app_disabled" });
  await limitApp(app, record, c.env);
  c.set("app", app);
  await next();
};
