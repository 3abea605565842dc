/**
 * `POST /logs`: stores a batch, an event, NDJSON or text. The response body is the receipt.
 *
 * Status: 503 with `Retry-After` if at least one event is unfinished; otherwise 200 if at least one event is stored or a
 * duplicate; otherwise 400 or 413. `appAccess` has checked key, origin and rate limit before.
 */
import { MAX_REQUEST_BYTES } from "#contract/wire/limits.ts";
import type { Receipt } from "#contract/wire/receipt.ts";
import type { Violation } from "#contract/wire/violation.ts";
import type { Env } from "../env.ts";
import { ingest } from "../ingest/ingest.ts";
import { readEncodedBody } from "../http/read-body.ts";
import { RETRY_AFTER_SECONDS } from "../http/to-problem.ts";
import { toHttpDelivery } from "./http-delivery.ts";
import { createIngestPorts } from "./ingest-ports.ts";
import { withMemory, type RequestMemory } from "./ingest-memory.ts";

const toStatus = ({ stored, duplicates, rejected, unfinished }: Receipt): number => {
  if (unfinished !== undefined) return 503;
  if (stored + duplicates > 0) return 200;
  return rejected.some(({ reason }) => reason === "too_large" || reason === "too_many_events") ? 413 : 400;
};

const toViolation = (encoding: string): Violation => ({
  reason: "broken_gzip",
  message: `The body is not valid ${encoding}, the encoding in its Content-Encoding header.`,
  field: "Content-Encoding",
});

const storePayload = async (request: Request, env: Env, app: string, memory: RequestMemory): Promise<Response> => {
  const body = await readEncodedBody(request, MAX_REQUEST_BYTES, memory.reserveDecompressed);
  await memory.reserveDocuments(body.bytes);
  const delivery = toHttpDelivery(request, app, body.bytes);
  const violation = body.ok ? undefined : toViolation(body.encoding);
  const [receipt] = await ingest([{ ...delivery, violation }], createIngestPorts(env, memory));
  if (receipt === undefined) throw new Error("ingest returned no receipt for a delivery");
  const status = toStatus(receipt);
  const headers: Record<string, string> = status === 503 ? { "Retry-After": String(RETRY_AFTER_SECONDS) } : {};
  return Response.json(receipt, { status, headers });
};

/**
 * Throws a `FailureError` for a body that is too large (413), incomplete after 30 seconds (408) or has an unsupported
 * encoding (415), and if the isolate has no memory for the request (503). A body that is not valid in its encoding is rejected
 * with a receipt.
 */
export const postLogs = async (
  request: Request,
  env: Env,
  app: string,
  context: Pick<ExecutionContext, "waitUntil">,
): Promise<Response> =>
  await withMemory({ request, context, limitBytes: MAX_REQUEST_BYTES, owner: app }, (memory) =>
    storePayload(request, env, app, memory),
  );
