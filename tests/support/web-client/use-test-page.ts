/**
 * Starts one browser for each test file, and opens one page for each test.
 */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import type { SentEvent } from "./scripted-server.ts";
import { startTestPages, type OpenOptions, type TestPages } from "./test-pages.ts";

export interface TestPage {
  readonly pages: TestPages;
  open(options?: OpenOptions): Promise<Page>;
  /** Flushes the logger and returns all events that it has sent in this test. */
  flush(): Promise<readonly SentEvent[]>;
  /** Flushes until there are at least `count` events, because browsers report some signals late. */
  eventually(count: number): Promise<readonly SentEvent[]>;
}

export const useTestPage = (): TestPage => {
  let pages: TestPages;
  let page: Page;
  beforeAll(async () => {
    pages = await startTestPages();
  });
  afterAll(() => pages?.[Symbol.asyncDispose]());
  afterEach(async () => {
    await page?.close();
    pages.server.requests.length = 0;
    pages.server.respondWith();
  });
  const flush = async (): Promise<readonly SentEvent[]> => {
    expect(await page.evaluate(() => globalThis.window.log.flush())).toBe(true);
    return pages.events();
  };
  return {
    get pages() {
      return pages;
    },
    open: async (options) => (page = await pages.open(options)),
    flush,
    eventually: (count) =>
      vi.waitFor(async () => {
        const events = await flush();
        expect(events.length).toBeGreaterThanOrEqual(count);
        return events;
      }, 10_000),
  };
};
