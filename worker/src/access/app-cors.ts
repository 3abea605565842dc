/**
 * CORS of the routes to which pages of other origins send logs.
 */
import { cors } from "hono/cors";

const PREFLIGHT_MAX_AGE_SECONDS = 86_400;

/**
 * A preflight carries no app id, so any origin is allowed; the request itself is checked. Responses to requests with an
 * invalid key are readable by every page, so that a developer sees the reason.
 *
 * `sendBeacon` always sends its request with credentials, for which a browser accepts the name of the page's origin but no
 * `*`. No route reads cookies, so this gives a page no access that it does not have without credentials.
 */
export const appCors = cors({
  origin: (origin) => origin || "*",
  credentials: true,
  allowMethods: ["POST"],
  allowHeaders: ["Authorization", "Content-Type", "Content-Encoding"],
  exposeHeaders: ["Retry-After"],
  maxAge: PREFLIGHT_MAX_AGE_SECONDS,
});
