/**
 * Headers of every answer that is not a page: it is data, to be read by who asked, and nothing to show or to run. Those of
 * the static pages stand in web-client/public/_headers; a page that the Worker writes may bring a policy of its own.
 */
import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

const POLICY = "Content-Security-Policy";

const setHeaders = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  // Pages of other origins read receipts, with the CORS headers that their app allows.
  crossOriginResourcePolicy: "cross-origin",
  xFrameOptions: "DENY",
});

export const securityHeaders: MiddlewareHandler = async (c, next) => {
  // The headers of a WebSocket's upgrade come from the broker and can't be changed.
  if (c.req.header("Upgrade") !== undefined) return await next();
  let own: string | null = null;
  await setHeaders(c, async () => {
    await next();
    own = c.res.headers.get(POLICY);
  });
  if (own !== null) c.res.headers.set(POLICY, own);
};
