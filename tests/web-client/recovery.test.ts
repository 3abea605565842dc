/**
 * Recovery of the events of a tab that is closed while another tab of the same app stays open.
 */
import type { Page } from "playwright-core";
import { expect, it, vi } from "vitest";
import { problem } from "../support/web-client/scripted-server.ts";
import { useTestPage } from "../support/web-client/use-test-page.ts";
import { readStored } from "../support/web-client/read-stored.ts";

const EVENTS = 100;
/** Suppresses the page's events, so that none of them triggers a recovery. */
const UNSEEN = `for (const type of ["focus", "pageshow", "visibilitychange", "online"]) {
  addEventListener(type, (event) => event.stopImmediatePropagation(), true);
}`;

const test = useTestPage();

/** Closes without `pagehide`, the event in which a page sends its events. */
const crash = async (page: Page): Promise<void> => {
  const devtools = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  void devtools.send("Page.crash").catch(() => {});
  await crashed;
};

it("a tab sends the events of another tab as soon as that tab has crashed", async () => {
  const { pages } = test;
  pages.server.respondWith(problem(503));
  const writer = await test.open();
  await writer.evaluate((count) => {
    for (let n = 0; n < count; n += 1) globalThis.window.log.info(`event ${n}`, { n });
  }, EVENTS);
  await expect.poll(async () => (await readStored(writer)).records).toContain(`event ${EVENTS - 1}`);
  const heir = await pages.open({ before: UNSEEN, options: { app: pages.app() } });
  await heir.evaluate(() => globalThis.window.log.info("alive"));
  // Time after which recovery has run for the last time while the owner is open.
  await expect.poll(() => pages.events().map(({ body }) => body)).toContain("alive");
  await heir.waitForTimeout(1_000);
  await crash(writer);
  pages.server.requests.length = 0;
  pages.server.respondWith();
  await vi.waitFor(() => {
    const numbers = pages.events().flatMap(({ attributes }) => attributes?.["n"] ?? []);
    expect(numbers).toEqual(Array.from({ length: EVENTS }, (_, n) => n));
  }, 15_000);
  await heir.close();
});
