/**
 * `POST /v1/logs`: OTLP over HTTP, in JSON or protobuf, with or without gzip. The same access rules as `POST /logs`.
 *
 * Status: 503 with `Retry-After` if at least one record is unfinished; otherwise 200, with `partialSuccess` if records were
 * rejected; 400 if nothing of the request could be read. Exporters repeat a request after 429, 502, 503 and 504 only, so no
 * other status is used for a request that may succeed later.
 *
 * Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
 */
import { parseJson } from "#contract/check/parse-json.ts";
import { MAX_BATCH_EVENTS, MAX_RELAY_EVENTS, MAX_REQUEST_BYTES } from "#contract/wire/limits.ts";
import type { Receipt } from "#contract/wire/receipt.ts";
import type { Violation } from "#contract/wire/violation.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import type { Env } from "../env.ts";
import { readBody } from "../http/read-body.ts";
import type { Delivery } from "../ingest/delivery.ts";
import { ingestAll } from "../ingest/ingest.ts";
import type { LogsParts } from "../ingest/otlp/part-writer.ts";
import { countProtobufRecords, readProtobufParts, writeLogsResponse, writeStatus } from "../ingest/otlp/protobuf.ts";
import { countRecords, splitRequest } from "../ingest/otlp/split-request.ts";
import { convertProblems, toHttpDelivery } from "./http-delivery.ts";
import { createIngestPorts } from "./ingest-ports.ts";
import { withMemory, type RequestMemory } from "./ingest-memory.ts";

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";

/** UTF-8 of `{`. */
const OPENING_BRACE = 0x7b;

/** Rejections that `errorMessage` names. */
const MAX_SHOWN_REJECTIONS = 5;

/** google.rpc.Code, by HTTP status. */
const CODES: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 413: 8, 415: 3, 429: 8, 503: 14 };
const UNKNOWN_CODE = 2;

const isProtobuf = (headers: Pick<Headers, "get">): boolean =>
  (headers.get("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase() === PROTOBUF;

/** A `google.rpc.Status` in the encoding of the request. */
const toStatusResponse = (request: Request, status: number, message: string, headers = new Headers()): Response => {
  const isBinary = isProtobuf(request.headers);
  const code = CODES[status] ?? UNKNOWN_CODE;
  headers.set("Content-Type", isBinary ? PROTOBUF : JSON_TYPE);
  headers.delete("Content-Length");
  return new Response(isBinary ? writeStatus(code, message) : JSON.stringify({ code, message }), { status, headers });
};

/** Converts the problems of other handlers to a `google.rpc.Status`. */
export const otlpErrors = convertProblems(toStatusResponse);

/** The payloads of a request, or the response to a request without any. */
type OtlpPayloads =
  | {
      readonly ok: true;
      readonly payloads: readonly Uint8Array[];
      readonly recordCount: number;
      /** Why the body is not a request of OTLP. It is then the only payload. */
      readonly violation?: Violation | undefined;
    }
  | { readonly ok: false; readonly status: 400 | 413; readonly message: string };

/**
 * Seconds from the start of a request to the next attempt. The exporters of OpenTelemetry wait for `Retry-After`, send a request
 * again up to five times, and discard it at their timeout, which is 10 seconds by default, without another attempt if the wait
 * would end later. So one attempt within the default is as late as possible, and five of a longer timeout cover 40 seconds.
 */
const RETRY_INTERVAL_SECONDS = 8;

const toRetryAfter = (startMs: number): string =>
  String(Math.max(1, Math.ceil(RETRY_INTERVAL_SECONDS - (Date.now() - startMs) / 1_000)));

const NOT_OTLP = {
  ok: false,
  status: 400,
  message: "The body is not an ExportLogsServiceRequest in the encoding of Content-Type.",
} as const satisfies OtlpPayloads;

const TOO_MANY_RECORDS: OtlpPayloads = {
  ok: false,
  status: 413,
  message: `A request has at most ${MAX_RELAY_EVENTS} log records.`,
};

const toPayloads = (parts: LogsParts, recordCount: number): OtlpPayloads => {
  if (!parts.ok) return parts.isTooLarge === true ? { ok: false, status: 413, message: parts.message } : NOT_OTLP;
  const payloads = parts.parts.map((part) => new TextEncoder().encode(part));
  return { ok: true, payloads, recordCount };
};

const readProtobuf = (body: Uint8Array): OtlpPayloads => {
  const recordCount = countProtobufRecords(body);
  if (recordCount === undefined) return NOT_OTLP;
  if (recordCount > MAX_RELAY_EVENTS) return TOO_MANY_RECORDS;
  return toPayloads(readProtobufParts(body, MAX_BATCH_EVENTS), recordCount);
};

const isOtlp = (request: unknown): request is JsonObject =>
  isObject(request) && (Array.isArray(request["resourceLogs"]) || Object.keys(request).length === 0);

/** A body that starts like JSON and is not a request of OTLP is stored as rejected, as it was sent. */
const readJson = (body: Uint8Array): OtlpPayloads => {
  const json = parseJson(new TextDecoder().decode(body));
  if (!json.ok || !isOtlp(json.value)) {
    if (body[0] !== OPENING_BRACE) return NOT_OTLP;
    const reason = json.ok ? "unknown_shape" : "invalid_json";
    const violation = (json.ok ? undefined : json.violation) ?? { reason, message: NOT_OTLP.message };
    return { ok: true, payloads: [body], recordCount: 1, violation };
  }
  const recordCount = countRecords(json.value);
  if (recordCount > MAX_RELAY_EVENTS) return TOO_MANY_RECORDS;
  if (recordCount > MAX_BATCH_EVENTS) return toPayloads(splitRequest(json.value, MAX_BATCH_EVENTS), recordCount);
  return { ok: true, payloads: recordCount === 0 ? [] : [body], recordCount };
};

const toErrorMessage = (receipts: readonly Receipt[]): string =>
  receipts
    .flatMap(({ rejected }) => rejected)
    .slice(0, MAX_SHOWN_REJECTIONS)
    .map(({ reason, message }) => `${reason}: ${message}`)
    .join(" ");

const toResponse = (request: Request, rejected: number, errorMessage: string): Response => {
  if (isProtobuf(request.headers)) {
    return new Response(writeLogsResponse(rejected, errorMessage), { headers: { "Content-Type": PROTOBUF } });
  }
  const partialSuccess = { rejectedLogRecords: String(rejected), errorMessage };
  return Response.json(rejected === 0 ? {} : { partialSuccess });
};

const storeRequest = async (request: Request, env: Env, app: string, memory: RequestMemory): Promise<Response> => {
  const startMs = Date.now();
  const body = await readBody(request, MAX_REQUEST_BYTES, memory.reserveDecompressed);
  // Before the body is parsed, so that few requests at a time have their records in memory.
  await memory.reserveDocuments(body);
  const read = isProtobuf(request.headers) ? readProtobuf(body) : readJson(body);
  if (!read.ok) return toStatusResponse(request, read.status, read.message);
  const { payloads, recordCount, violation } = read;
  if (payloads.length === 0) return toResponse(request, 0, "");
  // POST /logs reads OTLP in JSON, too.
  const protocol = violation === undefined ? undefined : "otlp";
  const deliveries = payloads.map((payload): Delivery => ({
    ...toHttpDelivery(request, app, payload),
    violation,
    protocol,
  }));
  const receipts = await ingestAll(deliveries, createIngestPorts(env, memory));
  if (receipts.length < deliveries.length || receipts.some(({ unfinished }) => unfinished !== undefined)) {
    const headers = new Headers({ "Retry-After": toRetryAfter(startMs) });
    return toStatusResponse(request, 503, "Not all records are stored yet. Send the request again.", headers);
  }
  const stored = receipts.reduce((sum, receipt) => sum + receipt.stored + receipt.duplicates, 0);
  const errorMessage = toErrorMessage(receipts);
  if (violation !== undefined) return toStatusResponse(request, 400, errorMessage);
  return toResponse(request, recordCount - Math.min(stored, recordCount), errorMessage);
};

/** Throws the same `FailureError`s as `POST /logs`, which {@link otlpErrors} converts. */
export const postOtlpLogs = async (
  request: Request,
  env: Env,
  app: string,
  context: Pick<ExecutionContext, "waitUntil">,
): Promise<Response> =>
  await withMemory({ request, context, limitBytes: MAX_REQUEST_BYTES, owner: app }, (memory) =>
    storeRequest(request, env, app, memory),
  );
