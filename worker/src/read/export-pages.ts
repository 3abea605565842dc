/**
 * All logs that a clause matches, the oldest first, page by page. Memory is bounded by bytes, not by logs: a page that
 * turns out too large is asked for again in smaller ones.
 */
import type { SearchHit } from "#contract/api/search.ts";
import { logTrouble } from "../logger.ts";
import { ProblemError } from "../http/problem.ts";
import type { Clause } from "../query/clauses.ts";
import { toHit } from "./to-hit.ts";
import { AnswerTooLarge, type StoreClient } from "../opensearch/client.ts";
import { closePointInTime, openPointInTime } from "../opensearch/point-in-time.ts";
import { searchPage, type Page, type PageRequest, type Place } from "./search-page.ts";

/** A page as JSON. A Worker has 128 MiB, a page stands in it some three times, and two pages at once. */
const MAX_PAGE_BYTES = 4_194_304;

/** Logs in the first page, and in any. Of a usual kilobyte each, the largest page is a quarter of the bound. */
const FIRST_SIZE = 250;
const MOST_SIZE = 1_000;

/** Trouble that passes: tried again so often, so long apart. A store that stays away breaks the stream. */
const ATTEMPTS = 4;
const PAUSE_MS = 500;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const isPassing = (error: unknown): boolean => error instanceof ProblemError && error.options.status === 503;

const readPage = async (client: StoreClient, request: PageRequest): Promise<Page> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await searchPage(client, request);
    } catch (error) {
      if (!isPassing(error) || attempt === ATTEMPTS) throw error;
      logTrouble("an export waits for OpenSearch", { attempt });
      await pause(PAUSE_MS * 2 ** attempt);
    }
  }
};

export async function* readExportPages(
  client: StoreClient,
  clause: Clause,
  start: Place | undefined,
): AsyncGenerator<readonly SearchHit[], void, undefined> {
  let pit = await openPointInTime(client);
  let after = start;
  let size = FIRST_SIZE;
  try {
    for (;;) {
      let page: Page;
      try {
        page = await readPage(client, { clause, size, order: "asc", after, pit, maxBytes: MAX_PAGE_BYTES });
      } catch (error) {
        if (!(error instanceof AnswerTooLarge) || size === 1) throw error;
        size = Math.max(Math.floor(size / 4), 1);
        continue;
      }
      ({ pit } = page);
      yield page.hits.map(toHit);
      if (page.next === undefined) return;
      after = page.next;
      size = Math.min(size * 2, MOST_SIZE);
    }
  } finally {
    if (pit !== undefined) await closePointInTime(client, pit);
  }
}
