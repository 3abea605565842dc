/**
 * Security headers of API responses, which are data and never rendered. The headers of static pages are in
 * web-client/public/_headers. A page rendered by the Worker may set its own Content-Security-Policy.
 */
import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

const POLICY = "Content-Security-Policy";

const setHeaders = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  // Pages of other origins read receipts, subject to the CORS headers of their app.
  crossOriginResourcePolicy: "cross-origin",
  xFrameOptions: "DENY",
});

export const securityHeaders: MiddlewareHandler = async (c, next) => {
  // The headers of a WebSocket upgrade come from the broker and are immutable.
  if (c.req.header("Upgrade") !== undefined) return await next();
  let pagePolicy: string | null = null;
  await setHeaders(c, async () => {
    await next();
    pagePolicy = c.res.headers.get(POLICY);
  });
  if (pagePolicy !== null) c.res.headers.set(POLICY, pagePolicy);
};
