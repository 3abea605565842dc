/**
 * Bounds the memory of all ingest requests of an isolate. An isolate has 128 MB on Cloudflare and serves many requests at the
 * same time, so the limits of one request do not bound it.
 *
 * The budgets are module state: all requests of an isolate share its memory, and nothing else that they share can count
 * it. No result depends on this state, and it is lost together with the isolate.
 */
import { SECOND_MS } from "#contract/wire/durations.ts";
import { isGzip } from "#contract/wire/dialect.ts";
import { delay } from "../delay.ts";
import { FailureError } from "../failure.ts";
import { MAX_SMALL_BODY_BYTES, toSentBytes } from "../http/read-body.ts";
import { MAX_DOCUMENT_BYTES, toMaxDocumentBytes } from "../ingest/max-document-bytes.ts";
import { FairBudget, type Share } from "../fair-budget.ts";
import { createWarningLimit, logWarning } from "../logger.ts";

const MIB = 1_048_576;

/** All requests of the relay count as one owner of memory, with a name that no app can have. */
export const RELAY_OWNER = "the relay";

const TIMES = {
  /** Shorter than the timeouts of clients and of the relay. */
  maxWaitMs: 5_000,
  /** Longer than it takes to read a body (30 s), to wait for other shares, and to complete all requests to OpenSearch. */
  maxHoldMs: 90_000,
};

/**
 * The budgets for request bodies, as they are sent. A body occupies its share until the client has sent it, up to 30 seconds, and a
 * large one must arrive at a minimum rate. So the relay, which has the logs of all MQTT clients, does not share with the senders of
 * other requests: two frames of the maximum size. And the small bodies of browsers do not share with large ones, of which a few slow
 * ones would occupy the whole budget.
 */
const relayBodies = new FairBudget({ total: 16 * MIB, maxForOwner: () => 16 * MIB, ...TIMES });
const smallBodies = new FairBudget({ total: 8 * MIB, maxForOwner: () => 2 * MIB, ...TIMES });
const largeBodies = new FairBudget({ total: 16 * MIB, maxForOwner: () => 8 * MIB, ...TIMES });

/**
 * The budget for decompressed bodies. It is separate because a client determines how long it sends, but not how long its body is
 * decompressed and stored.
 */
const decompressedBodies = new FairBudget({ total: 12 * MIB, maxForOwner: () => 8 * MIB, ...TIMES });

/** The relay has three requests at their limits. */
const MAX_RELAY_BYTES = 24 * MIB;

/** An app: one request that is being planned, and a few that OpenSearch stores, whose number delays the requests of others. */
const MAX_APP_BYTES = 12 * MIB;

/** The budget for documents that are being sent to OpenSearch: four requests at their limits. */
const documents = new FairBudget({
  total: 32 * MIB,
  maxForOwner: (owner) => (owner === RELAY_OWNER ? MAX_RELAY_BYTES : MAX_APP_BYTES),
  ...TIMES,
});

/** Maximum delay of a response. */
export const MAX_RESPONSE_DELAY_MS = 8_000;

/** Maximum size of all waiting responses of an app together. */
const MAX_DELAYED_BYTES = MIB;

/** Memory of a waiting request in addition to its response, for example for its headers. */
const WAITING_REQUEST_BYTES = 4_096;

/** The budget for responses that wait. A response does not wait for its share. */
const delayedResponses = new FairBudget({
  total: 4 * MAX_DELAYED_BYTES,
  maxForOwner: () => MAX_DELAYED_BYTES,
  maxWaitMs: 0,
  maxHoldMs: 2 * MAX_RESPONSE_DELAY_MS,
});

/** One app can cause hundreds of refusals a second. */
const isWarningDue = createWarningLimit(SECOND_MS);

const acquire = async (budget: FairBudget, bytes: number, owner: string): Promise<Share> => {
  const share = await budget.acquire(bytes, owner);
  if (share !== undefined) return share;
  if (isWarningDue(owner, Date.now())) {
    logWarning("requests are refused: the memory for concurrent requests is in use", { owner, held: budget.held });
  }
  throw new FailureError({ kind: "overloaded" });
};

const selectBodies = (owner: string, sentBytes: number): FairBudget => {
  if (owner === RELAY_OWNER) return relayBodies;
  return sentBytes <= MAX_SMALL_BODY_BYTES ? smallBodies : largeBodies;
};

/** The memory of one request. */
export interface RequestMemory {
  /** Waits for the memory of the decompressed body. Throws `overloaded`. */
  reserveDecompressed(this: void): Promise<void>;
  /**
   * Gives back what the body does not need, and waits for the memory of the documents, before the payloads are decoded.
   * Throws `overloaded`.
   *
   * @param body The body, decompressed as its Content-Encoding header says.
   * @param isCompressed Whether parts of the body are compressed. Default: whether it is gzip.
   */
  reserveDocuments(body: Uint8Array, isCompressed?: boolean): Promise<void>;
  /** Gives back what the planned documents do not need. */
  onPlanned(documentBytes: number): void;
}

export interface MemoryRequest {
  readonly request: Request;
  /** Cloudflare's `ExecutionContext`. */
  readonly context: { waitUntil(work: Promise<unknown>): void };
  /** The limit of the body, as sent and after decompression. */
  readonly limitBytes: number;
  /** The app, or {@link RELAY_OWNER}. One owner cannot hold all of the memory. */
  readonly owner: string;
}

const runWithMemory = async <T>(
  { request, limitBytes, owner }: MemoryRequest,
  handle: (memory: RequestMemory) => Promise<T>,
): Promise<T> => {
  const sentBytes = toSentBytes(request.headers, limitBytes);
  const sent = await acquire(selectBodies(owner, sentBytes), sentBytes, owner);
  let decompressed: Share | undefined;
  let planned: Share | undefined;
  try {
    return await handle({
      reserveDecompressed: async () => {
        decompressed = await acquire(decompressedBodies, limitBytes, owner);
      },
      reserveDocuments: async (body, isCompressed = isGzip(body)) => {
        decompressed?.shrink(body.byteLength);
        sent.shrink(decompressed === undefined ? body.byteLength : 0);
        const mayExpand = owner === RELAY_OWNER || isCompressed;
        const bytes = mayExpand ? MAX_DOCUMENT_BYTES : toMaxDocumentBytes(body.byteLength);
        planned = await acquire(documents, bytes, owner);
      },
      onPlanned: (documentBytes) => planned?.shrink(documentBytes),
    });
  } finally {
    planned?.release();
    decompressed?.release();
    sent.release();
  }
};

/**
 * Runs `handle` when the request's body fits into the memory of the isolate. Throws `overloaded` (503) if it does not fit
 * in time. Call it before the body is read.
 *
 * The work continues when the client closes the connection, for example because its page is left: the logs are stored,
 * and the memory is released.
 */
export const withMemory = async <T>(
  memoryRequest: MemoryRequest,
  handle: (memory: RequestMemory) => Promise<T>,
): Promise<T> => {
  const result = runWithMemory(memoryRequest, handle);
  memoryRequest.context.waitUntil(result.catch(() => undefined));
  return await result;
};

export interface DelayedResponse {
  /** Size of the response. */
  readonly bytes: number;
  readonly owner: string;
  /** At most {@link MAX_RESPONSE_DELAY_MS}. */
  readonly delayMs: number;
}

/**
 * Resolves after `delayMs`, or at once if the memory for waiting responses is in use. Call it after {@link withMemory}, so
 * that other requests do not wait for the memory of this one.
 */
export const delayResponse = async ({ bytes, owner, delayMs }: DelayedResponse): Promise<void> => {
  const occupiedBytes = bytes + WAITING_REQUEST_BYTES;
  if (delayMs <= 0 || occupiedBytes > MAX_DELAYED_BYTES) return;
  const share = await delayedResponses.acquire(occupiedBytes, owner);
  if (share === undefined) return;
  try {
    await delay(delayMs);
  } finally {
    share.release();
  }
};
