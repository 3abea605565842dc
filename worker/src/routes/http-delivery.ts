/**
 * Shared by the routes that accept logs over HTTP: the delivery of a payload, and problems in the form of another protocol.
 */
import type { MiddlewareHandler } from "hono";
import { PROBLEM_TYPE } from "#contract/api/problem.ts";
import type { AppAccess } from "../access/app-access.ts";
import { RETRY_AFTER_SECONDS } from "../http/to-problem.ts";
import { createStamp } from "../ingest/create-stamp.ts";
import type { Delivery } from "../ingest/delivery.ts";

/** UTF-16 code units. Browsers send 100 to 200; a longer header is cut. */
const MAX_USER_AGENT_LENGTH = 512;

/** A payload that arrives now. */
export const toHttpDelivery = (request: Request, app: string, payload: Uint8Array): Delivery => ({
  stamp: createStamp(),
  transport: "http",
  app,
  userAgent: request.headers.get("User-Agent")?.slice(0, MAX_USER_AGENT_LENGTH),
  payload,
});

/** Statuses of a request that may succeed later, which clients of other protocols would not repeat. */
const RETRIED_LATER: ReadonlySet<number> = new Set([408, 500]);

/** The response to a failed request, in the form of a protocol. `headers` are those of the problem. */
export type ToErrorResponse = (request: Request, status: number, detail: string, headers: Headers) => Response;

/** Converts the problems of other handlers. The status of a request that may succeed later becomes 503. */
export const convertProblems =
  (toErrorResponse: ToErrorResponse): MiddlewareHandler<AppAccess> =>
  async (c, next) => {
    await next();
    if (!(c.res.headers.get("Content-Type") ?? "").startsWith(PROBLEM_TYPE)) return;
    const { detail } = await c.res.json<{ readonly detail: string }>();
    const status = RETRIED_LATER.has(c.res.status) ? 503 : c.res.status;
    const headers = new Headers(c.res.headers);
    if (status === 503) headers.set("Retry-After", String(RETRY_AFTER_SECONDS));
    const response = toErrorResponse(c.req.raw, status, detail, headers);
    // Hono would otherwise add the headers of the problem to the response.
    c.res = undefined;
    c.res = response;
  };
