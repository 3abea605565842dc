/**
 * Bounds the searches that an isolate has in progress. An export or a page of the console sends many of them, and each takes time
 * of OpenSearch and of the isolate that logs wait for which are being stored.
 *
 * The budget is module state: all requests of an isolate share its thread, and nothing else that they share can count them. No
 * result depends on this state, and it is lost together with the isolate.
 */
import { FailureError } from "../failure.ts";
import { FairBudget } from "../fair-budget.ts";
import { logWarning } from "../logger.ts";
import type { StoreClient, StoreResponse } from "../opensearch/client.ts";

/** Searches in progress. */
const MAX_SEARCHES = 8;

/** Of these, searches with the same token. */
const MAX_READER_SEARCHES = 3;

/** Longer than a search may take at OpenSearch. */
const MAX_WAIT_MS = 30_000;
const MAX_HOLD_MS = 60_000;

const searches = new FairBudget({
  total: MAX_SEARCHES,
  maxForOwner: () => MAX_READER_SEARCHES,
  maxWaitMs: MAX_WAIT_MS,
  maxHoldMs: MAX_HOLD_MS,
});

export interface ReadLimit {
  /** Name of the token. Owners with fewer searches in progress are served first. */
  readonly owner: string;
  /**
   * Lets a search end after its client has disconnected. Cloudflare would otherwise stop it before its turn is released, and pages
   * that cancel searches would soon have no turn left.
   */
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Aborted when the client has disconnected: searches that still wait are not sent. */
  readonly signal: AbortSignal;
}

/** Returns a client whose requests wait for their turn. They throw `overloaded` after {@link MAX_WAIT_MS}. */
export const limitReads = (store: StoreClient, { owner, waitUntil, signal }: ReadLimit): StoreClient => {
  const sendInTurn = async (send: () => Promise<StoreResponse>): Promise<StoreResponse> => {
    const turn = await searches.acquire(1, owner);
    if (turn === undefined) {
      logWarning("search refused: too many searches are in progress", { reader: owner });
      throw new FailureError({ kind: "overloaded" });
    }
    try {
      // Nobody receives the response.
      if (signal.aborted) throw new FailureError({ kind: "overloaded" });
      return await send();
    } finally {
      turn.release();
    }
  };
  const inTurn = (send: () => Promise<StoreResponse>): Promise<StoreResponse> => {
    const response = sendInTurn(send);
    waitUntil(response.catch(() => undefined));
    return response;
  };
  return {
    ...store,
    request: (...args) => inTurn(() => store.request(...args)),
    requestWithin: (...args) => inTurn(() => store.requestWithin(...args)),
  };
};
