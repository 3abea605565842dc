/**
 * The paths of Elasticsearch's API to which shippers send logs: bulk requests and single documents. The same access rules as
 * `POST /logs`.
 *
 * A bulk request is answered with 200 and one result for each of its actions: 201 stored, 200 stored before, 400 rejected, 429
 * not stored yet. Clients send actions with 429 again; those that would not are answered with 503 for the whole request. Errors of a
 * whole request have Elasticsearch's form.
 *
 * Source: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
 */
import type { MiddlewareHandler } from "hono";
import { decodeText } from "#contract/check/decode-text.ts";
import { MAX_BATCH_EVENTS, MAX_MESSAGE_BYTES } from "#contract/wire/limits.ts";
import type { Violation } from "#contract/wire/violation.ts";
import type { AppAccess } from "../access/app-access.ts";
import type { Env } from "../env.ts";
import { FailureError } from "../failure.ts";
import { readBody } from "../http/read-body.ts";
import { RETRY_AFTER_SECONDS } from "../http/to-problem.ts";
import type { Delivery } from "../ingest/delivery.ts";
import { groupActions, hasAction, readActions, type BulkAction } from "../ingest/elasticsearch/read-actions.ts";
import { ingest, ingestAll } from "../ingest/ingest.ts";
import type { EventOutcome } from "../ingest/to-receipt.ts";
import { findSetupResponse } from "./elasticsearch-setup.ts";
import { convertProblems, toHttpDelivery } from "./http-delivery.ts";
import { createIngestPorts } from "./ingest-ports.ts";
import { delayResponse, MAX_RESPONSE_DELAY_MS, withMemory, type RequestMemory } from "./ingest-memory.ts";

/**
 * Maximum size of a bulk request, as sent and after decompression. Larger than `POST /logs`, because shippers collect megabytes
 * by default; small enough for the documents to fit into one request to OpenSearch.
 */
export const MAX_BULK_BYTES = 4_194_304;

/** Lines of a bulk request: an action and its result have several hundred bytes in memory, and a line can have one byte. */
const MAX_BULK_LINES = 40_000;

/** Elasticsearch's limit of the name of an index. Each result repeats the name. */
const MAX_INDEX_LENGTH = 255;

const hasTooManyLines = (text: string): boolean => {
  let count = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) {
    count += 1;
    if (count > MAX_BULK_LINES) return true;
  }
  return false;
};

/** The official clients of Elasticsearch refuse responses without it. */
const PRODUCT_HEADER = "X-Elastic-Product";
const PRODUCT = "Elasticsearch";

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: "illegal_argument_exception",
  401: "security_exception",
  403: "security_exception",
  404: "resource_not_found_exception",
  413: "content_too_long_exception",
  429: "es_rejected_execution_exception",
  503: "unavailable_shards_exception",
};

const toError = (status: number, reason: string): { readonly type: string; readonly reason: string } => ({
  type: ERROR_TYPES[status] ?? "exception",
  reason,
});

const toErrorResponse = (status: number, reason: string, headers = new Headers()): Response => {
  const error = toError(status, reason);
  headers.set("Content-Type", "application/json");
  headers.delete("Content-Length");
  return Response.json({ error: { root_cause: [error], ...error }, status }, { status, headers });
};

/** Clients of Elasticsearch send documents with this status again, and discard those with 503. */
const UNFINISHED_STATUS = 429;

/**
 * Senders that do not repeat a part of a request. Fluent Bit since 3.1.7 takes one stored document for the success of all
 * (https://github.com/fluent/fluent-bit/pull/9236), syslog-ng does not read the body of the response
 * (https://github.com/syslog-ng/syslog-ng/issues/3672), and Vector only repeats documents with `request_retry_partial`.
 */
const WHOLE_REQUEST_SENDERS = /^(?:Fluent-Bit|syslog-ng|Vector)\b/i;

const repeatsWholeRequests = (request: Request): boolean =>
  WHOLE_REQUEST_SENDERS.test(request.headers.get("User-Agent") ?? "");

/** The status of a request that the sender repeats. syslog-ng discards the documents of a request with any status from 400 to 499. */
const toRetryStatus = (request: Request): number => (repeatsWholeRequests(request) ? 503 : UNFINISHED_STATUS);

const toElasticsearchErrors = convertProblems((request, status, detail, headers) =>
  toErrorResponse(status === UNFINISHED_STATUS ? toRetryStatus(request) : status, detail, headers),
);

/** Adds the header of the product, and converts the problems of other handlers to Elasticsearch's form. */
export const elasticsearchErrors: MiddlewareHandler<AppAccess> = async (c, next) => {
  await toElasticsearchErrors(c, next);
  c.res.headers.set(PRODUCT_HEADER, PRODUCT);
};

/** The outcomes of the actions of one delivery, by position; `undefined` is the whole payload. */
type Outcomes = ReadonlyMap<number | undefined, EventOutcome>;

interface BulkResult {
  readonly _index: string;
  readonly _id: string;
  readonly status: number;
  readonly result?: string;
  readonly error?: { readonly type: string; readonly reason: string };
}

const UNFINISHED: EventOutcome = { state: "unfinished" };

const toReason = ({ reason, message }: Violation): string => `${reason}: ${message}`;

const toResult = ({ index = "", id = "" }: BulkAction, outcome: EventOutcome): BulkResult => {
  const target = { _index: index, _id: id };
  const stored = { _version: 1, _seq_no: 0, _primary_term: 1, _shards: { total: 1, successful: 1, failed: 0 } };
  switch (outcome.state) {
    case "stored":
      return { ...target, ...stored, result: "created", status: 201 };
    case "duplicate":
      return { ...target, ...stored, result: "noop", status: 200 };
    case "rejected":
      return { ...target, status: 400, error: toError(400, toReason(outcome.violation)) };
    case "unfinished":
      return {
        ...target,
        status: UNFINISHED_STATUS,
        error: toError(UNFINISHED_STATUS, "The document is not stored yet. Send it again."),
      };
  }
};

interface BulkRequest {
  readonly request: Request;
  readonly env: Env;
  readonly app: string;
  readonly index: string | undefined;
}

/** Stores actions and returns their outcomes in order. */
const storeActions = async (
  actions: readonly BulkAction[],
  text: string,
  { request, env, app, index }: BulkRequest,
  memory: RequestMemory,
): Promise<readonly EventOutcome[]> => {
  const groups = groupActions(actions, { maxActions: MAX_BATCH_EVENTS, maxBytes: MAX_MESSAGE_BYTES });
  const deliveries = groups.map((group, part): Delivery => {
    const payload = new TextEncoder().encode(groups.length === 1 ? text : group.map(({ raw }) => raw).join(""));
    return { ...toHttpDelivery(request, app, payload), bulk: { index, part } };
  });
  const outcomes = new Map<Delivery, Outcomes>();
  const onOutcomes = (delivery: Delivery, found: Outcomes): void => void outcomes.set(delivery, found);
  await ingestAll(deliveries, { ...createIngestPorts(env, memory), onOutcomes });
  return groups.flatMap((group, i) => {
    const delivery = deliveries[i];
    const found = delivery === undefined ? undefined : outcomes.get(delivery);
    return group.map((_, position) => found?.get(position) ?? found?.get(undefined) ?? UNFINISHED);
  });
};

const NOT_A_BULK: Violation = {
  reason: "unknown_shape",
  message: "The body is not a bulk request: lines of actions and documents.",
};

/** Stores a body without an action in the rejected store. */
const rejectBody = async (
  body: Uint8Array,
  { request, env, app }: BulkRequest,
  memory: RequestMemory,
): Promise<Response> => {
  const delivery = { ...toHttpDelivery(request, app, body), violation: NOT_A_BULK, protocol: "elasticsearch" } as const;
  const [receipt] = await ingest([delivery], createIngestPorts(env, memory));
  if (receipt?.unfinished !== undefined) throw new FailureError({ kind: "store_unavailable" });
  return toErrorResponse(400, NOT_A_BULK.message);
};

const RETRY_LATER = { "Retry-After": String(RETRY_AFTER_SECONDS) };
const NOT_STORED_YET = "Not all documents are stored yet. Send the request again.";

interface BulkResponse {
  readonly response: Response;
  /** Size of the response if all documents must be sent again. */
  readonly unfinishedBytes?: number;
}

const storeBulk = async (bulk: BulkRequest, memory: RequestMemory): Promise<BulkResponse> => {
  const startMs = Date.now();
  const body = await readBody(bulk.request, MAX_BULK_BYTES, memory.reserveDecompressed);
  const refuse = (status: number, reason: string): BulkResponse => ({ response: toErrorResponse(status, reason) });
  if (body.byteLength === 0) return refuse(400, "The request has no body.");
  await memory.reserveDocuments(body);
  const text = decodeText(body)?.text ?? "";
  if (hasTooManyLines(text)) return refuse(413, `A bulk request has at most ${MAX_BULK_LINES} lines.`);
  if ((bulk.index?.length ?? 0) > MAX_INDEX_LENGTH) return refuse(400, "The name of the index is too long.");
  const actions = readActions(text, bulk.index);
  if (!hasAction(actions)) return { response: await rejectBody(body, bulk, memory) };
  const outcomes = await storeActions(actions, text, bulk, memory);
  const results = actions.map((action, i) => [action.name, toResult(action, outcomes[i] ?? UNFINISHED)] as const);
  const unfinished = results.filter(([, { status }]) => status === UNFINISHED_STATUS).length;
  const isUnfinished = unfinished === results.length;
  if (unfinished > 0 && repeatsWholeRequests(bulk.request)) {
    const response = toErrorResponse(503, NOT_STORED_YET, new Headers(RETRY_LATER));
    return isUnfinished ? { response, unfinishedBytes: NOT_STORED_YET.length } : { response };
  }
  const json = JSON.stringify({
    took: Date.now() - startMs,
    errors: results.some(([, { error }]) => error !== undefined),
    items: results.map(([name, result]) => ({ [name]: result })),
  });
  const bytes = new TextEncoder().encode(json);
  const response = new Response(bytes, { headers: { "Content-Type": "application/json" } });
  return isUnfinished ? { response, unfinishedBytes: bytes.byteLength } : { response };
};

type Context = Pick<ExecutionContext, "waitUntil">;

/**
 * Throws the same `FailureError`s as `POST /logs`, which {@link elasticsearchErrors} converts.
 *
 * If all documents must be sent again, because OpenSearch is unavailable, the response is sent 8 seconds after the request
 * at the earliest. Clients of Elasticsearch repeat documents a few times at fixed intervals and then discard them:
 * `pino-elasticsearch` by default three times in 15 seconds. The delay includes the time that OpenSearch took, because these
 * clients have a timeout of 30 seconds.
 */
export const postBulk = async (
  request: Request,
  env: Env,
  app: string,
  context: Context,
  index: string | undefined,
): Promise<Response> => {
  const startMs = Date.now();
  const { response, unfinishedBytes } = await withMemory(
    { request, context, limitBytes: MAX_BULK_BYTES, owner: app },
    (memory) => storeBulk({ request, env, app, index }, memory),
  );
  if (unfinishedBytes !== undefined) {
    const delayMs = MAX_RESPONSE_DELAY_MS - (Date.now() - startMs);
    await delayResponse({ bytes: unfinishedBytes, owner: app, delayMs });
  }
  return response;
};

const storeDocument = async (bulk: BulkRequest, id: string | undefined, memory: RequestMemory): Promise<Response> => {
  const body = await readBody(bulk.request, MAX_MESSAGE_BYTES, memory.reserveDecompressed);
  await memory.reserveDocuments(body);
  // A line feed is white space in JSON.
  const source = (decodeText(body)?.text ?? "").replaceAll(/[\r\n]+/g, " ").trim();
  if (source === "") return toErrorResponse(400, "The request has no document.");
  const text = `${JSON.stringify({ index: { _index: bulk.index, _id: id } })}\n${source}\n`;
  const [action] = readActions(text, bulk.index);
  if (action === undefined) throw new Error("no action for a document");
  const [outcome = UNFINISHED] = await storeActions([action], text, bulk, memory);
  const result = toResult(action, outcome);
  if (result.error === undefined) return Response.json(result, { status: result.status });
  if (result.status !== UNFINISHED_STATUS) return toErrorResponse(result.status, result.error.reason);
  return toErrorResponse(toRetryStatus(bulk.request), result.error.reason, new Headers(RETRY_LATER));
};

/** Stores one document. Throws the same `FailureError`s as `POST /logs`. */
export const postDocument = async (
  request: Request,
  env: Env,
  app: string,
  context: Context,
  { index, id }: { readonly index: string; readonly id: string | undefined },
): Promise<Response> =>
  await withMemory({ request, context, limitBytes: MAX_MESSAGE_BYTES, owner: app }, (memory) =>
    storeDocument({ request, env, app, index }, id, memory),
  );

/** The response to all other requests of clients of Elasticsearch. */
export const getElasticsearchSetup = (method: string, path: string): Response => {
  const response = findSetupResponse(method, path);
  if (response !== undefined) return Response.json(response);
  return toErrorResponse(404, "edgelog only accepts logs here. Read them with GET /search.");
};
