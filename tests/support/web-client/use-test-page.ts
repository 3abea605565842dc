/**
 * One browser for a test file and one page for a test.
 */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import type { SentEvent } from "./scripted-server.ts";
import { startTestPages, type OpenOptions, type TestPages } from "./test-pages.ts";

export interface TestPage {
  readonly pages: TestPages;
  open(options?: OpenOptions): Promise<Page>;
  /** The events of this test, all of them. */
  flush(): Promise<readonly SentEvent[]>;
  /** Waits for at least this many, because browsers report some signals late. */
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
    pages.server.answer();
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
