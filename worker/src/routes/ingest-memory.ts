/**
 * Bounds the memory of all ingest requests of an isolate. An isolate has 128 MB on Cloudflare and serves many requests at the
 * same time, so the limits of one request do not bound it.
 *
 * The two budgets are module state: all requests of an isolate share its memory, and nothing else that they share can count
 * it. No result depends on this state, and it is lost together with the isolate.
 */
import { MAX_PAYLOAD_DOCUMENT_BYTES, MAX_RELAY_DOCUMENT_BYTES } from "#contract/wire/limits.ts";
import { FailureError } from "../failure.ts";
import { toBodyBytes } from "../http/read-body.ts";
import { MemoryBudget, type Share } from "../ingest/memory-budget.ts";
import { logWarning } from "../logger.ts";

const MIB = 1_048_576;

/** Shorter than the timeouts of clients and of the relay. */
const MAX_WAIT_MS = 5_000;

/** Longer than it takes to read a body and to complete all requests to OpenSearch. */
const MAX_HOLD_MS = 60_000;

/** The budget for request bodies: two relay frames of the maximum size, and space for `POST /logs`. */
const bodies = new MemoryBudget({
  totalBytes: 24 * MIB,
  maxOwnerBytes: 16 * MIB,
  maxWaitMs: MAX_WAIT_MS,
  maxHoldMs: MAX_HOLD_MS,
});

/** The budget for documents that are being sent to OpenSearch: four requests at their limits. */
const documents = new MemoryBudget({
  totalBytes: 32 * MIB,
  maxOwnerBytes: 24 * MIB,
  maxWaitMs: MAX_WAIT_MS,
  maxHoldMs: MAX_HOLD_MS,
});

/** The most that one request can become: the first payload of a request is planned even if it exceeds the request's limit. */
const MAX_DOCUMENT_BYTES = Math.max(MAX_RELAY_DOCUMENT_BYTES, MAX_PAYLOAD_DOCUMENT_BYTES);

const acquire = async (budget: MemoryBudget, bytes: number, owner: string): Promise<Share> => {
  const share = await budget.acquire(bytes, owner);
  if (share !== undefined) return share;
  logWarning("request refused: the memory for concurrent requests is in use", { owner, held: budget.heldBytes });
  throw new FailureError({ kind: "overloaded" });
};

/** The memory of one request. */
export interface RequestMemory {
  /**
   * Gives back what the body does not need, and waits for the memory of the documents, before the payloads are decoded.
   * Throws `overloaded`.
   *
   * @param bodyBytes The size of the decompressed body.
   */
  reserveDocuments(bodyBytes: number): Promise<void>;
  /** Gives back what the planned documents do not need. */
  onPlanned(documentBytes: number): void;
}

export interface MemoryRequest {
  readonly request: Request;
  readonly context: Pick<ExecutionContext, "waitUntil">;
  /** The limit of the body, as sent and after decompression. */
  readonly limitBytes: number;
  /** The app, or "relay". One owner cannot hold all of the memory. */
  readonly owner: string;
}

const runWithMemory = async <T>(
  { request, limitBytes, owner }: MemoryRequest,
  handle: (memory: RequestMemory) => Promise<T>,
): Promise<T> => {
  const body = await acquire(bodies, toBodyBytes(request.headers, limitBytes), owner);
  let planned: Share | undefined;
  try {
    return await handle({
      reserveDocuments: async (bodyBytes) => {
        body.shrink(bodyBytes);
        planned = await acquire(documents, MAX_DOCUMENT_BYTES, owner);
      },
      onPlanned: (documentBytes) => planned?.shrink(documentBytes),
    });
  } finally {
    planned?.release();
    body.release();
  }
};

/**
 * Runs `handle` when the request's body fits into the memory of the isolate. Throws `overloaded` (503) if it does not fit
 * in time. Call it before the body is read.
 *
 * The work continues when the client closes the connection, for example because its page is left: the logs are stored,
 * and the memory is given back.
 */
export const withMemory = async <T>(
  memoryRequest: MemoryRequest,
  handle: (memory: RequestMemory) => Promise<T>,
): Promise<T> => {
  const result = runWithMemory(memoryRequest, handle);
  memoryRequest.context.waitUntil(result.catch(() => undefined));
  return await result;
};
