/**
 * Accepts requests in the protocols of other log services. The same access rules as `POST /logs`.
 *
 * Status: 503 with `Retry-After` if at least one event is not stored yet, which all of these clients repeat; otherwise that of the
 * protocol for success if at least one event is stored. If all events are rejected, or the body is not of the protocol: 400, or
 * the status after which the client does not repeat the request. The rejected store has the rejected events, and bodies up to 1 MiB; 413
 * is the response to larger ones.
 */
import type { Hono } from "hono";
import { MAX_REQUEST_BYTES } from "#contract/wire/limits.ts";
import type { Receipt } from "#contract/wire/receipt.ts";
import type { Violation } from "#contract/wire/violation.ts";
import { appAccess, type AppAccess } from "../access/app-access.ts";
import { appCors } from "../access/app-cors.ts";
import type { Env } from "../env.ts";
import { readBody } from "../http/read-body.ts";
import { RETRY_AFTER_SECONDS } from "../http/to-problem.ts";
import type { Delivery } from "../ingest/delivery.ts";
import { groupUnits, INTAKE_DECODERS } from "../ingest/decoders/intakes.ts";
import { ingest, ingestAll } from "../ingest/ingest.ts";
import { convertProblems, toHttpDelivery, type ToErrorResponse } from "./http-delivery.ts";
import { createIngestPorts } from "./ingest-ports.ts";
import { withMemory, type RequestMemory } from "./ingest-memory.ts";
import { INTAKE_ROUTES, SPLUNK_HEALTH, SPLUNK_HEALTH_PATHS, type IntakeRoute } from "./intake-routes.ts";

/** Maximum size of a request, as sent and after decompression. Agents collect megabytes by default. */
export const MAX_INTAKE_BYTES = 4_194_304;

/** Rejections that a response names. */
const MAX_SHOWN_REJECTIONS = 3;

const toErrorResponse =
  ({ toError, toHeaders }: IntakeRoute): ToErrorResponse =>
  (request, status, detail, headers) => {
    for (const [name, value] of Object.entries(toHeaders?.(request) ?? {})) headers.set(name, value);
    headers.delete("Content-Length");
    headers.set("Content-Type", toError === undefined ? "text/plain; charset=utf-8" : "application/json");
    const body = toError === undefined ? `${detail}\n` : JSON.stringify(toError(request, status, detail));
    return new Response(body, { status, headers });
  };

interface IntakeRequest {
  readonly request: Request;
  readonly env: Env;
  readonly app: string;
  readonly memory: RequestMemory;
  readonly route: IntakeRoute;
}

const respondSuccess = ({ request, route }: IntakeRequest, receipts: readonly Receipt[]): Response => {
  const rejections = receipts.flatMap(({ rejected }) => rejected);
  const outcome = {
    stored: receipts.reduce((sum, { stored, duplicates }) => sum + stored + duplicates, 0),
    rejected: rejections.length,
    message: rejections
      .slice(0, MAX_SHOWN_REJECTIONS)
      .map(({ reason, message }) => `${reason}: ${message}`)
      .join(" "),
  };
  const headers = new Headers(route.toHeaders?.(request));
  if (outcome.stored === 0 && outcome.rejected > 0 && route.rejectedStatus === 400) {
    return toErrorResponse(route)(request, 400, outcome.message, headers);
  }
  const { successStatus, toSuccess } = route;
  if (toSuccess === undefined) return new Response(null, { status: successStatus, headers });
  return Response.json(toSuccess(request, outcome), { status: successStatus, headers });
};

const RETRY_MESSAGE = "Not all events are stored yet. Send the request again.";

const respondRetry = ({ request, route }: IntakeRequest): Response =>
  toErrorResponse(route)(request, 503, RETRY_MESSAGE, new Headers({ "Retry-After": String(RETRY_AFTER_SECONDS) }));

/** Stores a body that is not of the protocol in the rejected store. */
const rejectBody = async (intake: IntakeRequest, body: Uint8Array, violation: Violation): Promise<Response> => {
  const { request, env, app, memory, route } = intake;
  const [receipt] = await ingest(
    [{ ...toHttpDelivery(request, app, body), violation, protocol: route.intake }],
    createIngestPorts(env, memory),
  );
  if (receipt === undefined || receipt.unfinished !== undefined) return respondRetry(intake);
  if (route.rejectedStatus === 200) return respondSuccess(intake, [receipt]);
  return toErrorResponse(route)(request, 400, violation.message, new Headers(route.toHeaders?.(request)));
};

/** Splits the body. A separate function, so that the body is not in memory while its events are stored. */
const splitBody = ({ request, app, route }: IntakeRequest, body: Uint8Array): readonly Delivery[] | Violation => {
  const [params, requestId] = [route.readParams?.(request) ?? {}, route.readRequestId?.(request)];
  const units = INTAKE_DECODERS[route.intake].split(body, params);
  const groups = units.ok ? groupUnits(units.value, params) : units;
  if (!groups.ok) return groups.violation;
  return groups.value.map((group, part) => ({
    ...toHttpDelivery(request, app, new TextEncoder().encode(group.map(({ json }) => json).join("\n"))),
    intake: { name: route.intake, params, requestId, part },
  }));
};

const isViolation = (split: readonly Delivery[] | Violation): split is Violation => "reason" in split;

/** Bodies with more bytes are not blank. */
const MAX_BLANK_BYTES = 64;

const isBlank = (body: Uint8Array): boolean =>
  body.byteLength < MAX_BLANK_BYTES && new TextDecoder().decode(body).trim() === "";

const storeRequest = async (intake: IntakeRequest): Promise<Response> => {
  const { request, env, memory, route } = intake;
  const body = await readBody(request, MAX_INTAKE_BYTES, memory.reserveDecompressed);
  await memory.reserveDocuments(body, route.isCompressed);
  if (isBlank(body)) return respondSuccess(intake, []);
  const split = splitBody(intake, body);
  if (isViolation(split)) {
    const isTooLarge = split.reason === "too_many_events" || split.reason === "too_large";
    const isStored = !isTooLarge && body.byteLength <= MAX_REQUEST_BYTES;
    if (isStored) return await rejectBody(intake, body, split);
    return toErrorResponse(route)(request, 413, split.message, new Headers(route.toHeaders?.(request)));
  }
  if (split.length === 0) return respondSuccess(intake, []);
  const receipts = await ingestAll(split, createIngestPorts(env, memory));
  const isUnfinished = receipts.length < split.length || receipts.some(({ unfinished }) => unfinished !== undefined);
  return isUnfinished ? respondRetry(intake) : respondSuccess(intake, receipts);
};

/**
 * The encodings that some clients send for another one: a client of Graylog for Python sends `gzip,deflate` for a body in `deflate`, and
 * clients of Loki may send `snappy` for a body that its type describes.
 */
const OWN_ENCODINGS: ReadonlyMap<string, string | undefined> = new Map([
  ["gzip,deflate", "deflate"],
  ["snappy", undefined],
]);

const withOwnEncoding = (request: Request): Request => {
  const sent = (request.headers.get("Content-Encoding") ?? "").toLowerCase().replaceAll(" ", "");
  if (!OWN_ENCODINGS.has(sent)) return request;
  const headers = new Headers(request.headers);
  headers.delete("Content-Encoding");
  const encoding = OWN_ENCODINGS.get(sent);
  if (encoding !== undefined) headers.set("Content-Encoding", encoding);
  return new Request(request, { headers });
};

/** Stores the events of a request. Throws the same `FailureError`s as `POST /logs`. */
export const postIntake = async (
  request: Request,
  env: Env,
  app: string,
  context: Pick<ExecutionContext, "waitUntil">,
  route: IntakeRoute,
): Promise<Response> => {
  const encoded = withOwnEncoding(request);
  return await withMemory({ request: encoded, context, limitBytes: MAX_INTAKE_BYTES, owner: app }, (memory) =>
    storeRequest({ request: encoded, env, app, memory, route }),
  );
};

/** A preflight of CORS: https://fetch.spec.whatwg.org/#cors-preflight-request */
const isPreflight = (request: Request): boolean => request.headers.has("Access-Control-Request-Method");

/**
 * Adds the handlers that run before the rate limit by address. Docker's log driver `splunk` starts no container if OPTIONS, which it sends
 * without the token, has another status than 200: https://github.com/moby/moby/blob/v28.0.0/daemon/logger/splunk/splunk.go
 */
export const addIntakeErrors = (app: Hono<AppAccess>): void => {
  for (const route of INTAKE_ROUTES) {
    const { options } = route;
    for (const path of route.paths) {
      if (options !== undefined) {
        app.options(path, async (c, next) => (isPreflight(c.req.raw) ? await next() : c.json(options)));
      }
      app.use(path, appCors);
      app.use(path, convertProblems(toErrorResponse(route)));
    }
  }
};

/** Adds a route for each path of {@link INTAKE_ROUTES}, and what clients request before they send. */
export const addIntakeRoutes = (app: Hono<AppAccess>): void => {
  for (const route of INTAKE_ROUTES) {
    for (const path of route.paths) {
      app.post(path, appAccess, (c) => postIntake(c.req.raw, c.env, c.var.app, c.executionCtx, route));
    }
  }
  for (const path of SPLUNK_HEALTH_PATHS) app.get(path, (c) => c.json(SPLUNK_HEALTH));
};
