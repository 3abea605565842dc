/**
 * All logs that match a clause, oldest first, page by page.
 */
import { delay } from "../delay.ts";
import type { SearchHit } from "#contract/api/search.ts";
import { logWarning } from "../logger.ts";
import { PatternTooComplexError, StoreUnavailableError, type StoreClient } from "../opensearch/client.ts";
import { closePointInTime, openPointInTime } from "../opensearch/point-in-time.ts";
import type { Clause } from "../query/clauses.ts";
import { searchPage, type Page, type PageRequest } from "./search-page.ts";
import type { PagePosition } from "./sort-order.ts";
import { toHit } from "./to-hit.ts";

/** Number of logs in the first page, and at most. With typical logs of 1 kB the largest page is a quarter of the limit in bytes. */
const INITIAL_PAGE_SIZE = 250;
const MAX_PAGE_SIZE = 1_000;

const MAX_ATTEMPTS = 4;
const RETRY_DELAY_MS = 500;

const searchWithRetry = async (client: StoreClient, request: PageRequest): Promise<Page> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await searchPage(client, request);
    } catch (error) {
      const isTemporary = error instanceof StoreUnavailableError && !(error instanceof PatternTooComplexError);
      if (!isTemporary || attempt === MAX_ATTEMPTS) throw error;
      logWarning("retrying a page of an export: OpenSearch is unavailable", { attempt, detail: error.message });
      await delay(RETRY_DELAY_MS * 2 ** attempt);
    }
  }
};

/**
 * Yields pages of logs. Throws `StoreUnavailableError` when OpenSearch stays unavailable for four attempts.
 *
 * @param start Only logs after this position.
 */
export async function* fetchExportPages(
  client: StoreClient,
  clause: Clause,
  start: PagePosition | undefined,
): AsyncGenerator<readonly SearchHit[], void, undefined> {
  let pit = await openPointInTime(client);
  let after = start;
  let size = INITIAL_PAGE_SIZE;
  try {
    for (;;) {
      const page = await searchWithRetry(client, { clause, size, order: "asc", after, pit });
      ({ pit } = page);
      yield page.hits.map(toHit);
      if (page.next === undefined) return;
      after = page.next;
      size = Math.min(page.size * 2, MAX_PAGE_SIZE);
    }
  } finally {
    if (pit !== undefined) await closePointInTime(client, pit);
  }
}
