/**
 * A clock that is set back: neither the time of sending nor the end of a session depends on it.
 */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { problem } from "../support/web-client/scripted-server.ts";
import { useTestPage } from "../support/web-client/use-test-page.ts";

declare global {
  interface Window {
    /** Error of the page's clock. */
    shiftMs: number;
  }
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const test = useTestPage();

/** Opens a page whose clock is ahead. */
const open = (aheadMs: number): Promise<Page> =>
  test.open({
    before: `const realNow = Date.now; globalThis.shiftMs = ${aheadMs}; Date.now = () => realNow() + globalThis.shiftMs;`,
  });

const bodies = (): unknown[] => test.pages.events().map(({ body }) => body);

it("during a backoff, and while events wait for others, does not stop sending", async () => {
  const page = await open(DAY_MS);
  test.pages.server.respondWith(problem(503));
  await page.evaluate(() => globalThis.window.log.info("fails"));
  await expect.poll(() => page.evaluate(() => globalThis.window.log.status.state)).toBe("offline");
  test.pages.server.respondWith();
  await page.evaluate(() => {
    globalThis.window.shiftMs /= 2;
  });
  await expect.poll(bodies).toEqual(["fails"]);
  await expect.poll(() => page.evaluate(() => globalThis.window.log.status.state)).toBe("online");

  await page.evaluate(async () => {
    const { log } = globalThis.window;
    log.info("waits");
    // The delay of this event has begun when it is written.
    while (log.counts.queued !== 1) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 200));
    globalThis.window.shiftMs = 0;
  });
  await expect.poll(bodies).toEqual(expect.arrayContaining(["fails", "waits"]));
});

it.each([
  ["by 10 minutes", 10 * MINUTE_MS, 31 * MINUTE_MS],
  ["by a year", 365 * DAY_MS, 30 * DAY_MS],
])("%s, a session still ends after 30 minutes without a log", async (_by, aheadMs, laterMs) => {
  const page = await open(aheadMs);
  const sessionAt = async (shiftMs: number): Promise<unknown> => {
    await page.evaluate((ms) => {
      globalThis.window.shiftMs = ms;
      globalThis.window.log.info("a log");
    }, shiftMs);
    await test.flush();
    return test.pages.server.requests.at(-1)?.batch.attributes?.["session.id"];
  };
  await sessionAt(aheadMs);
  const corrected = await sessionAt(0);
  expect(await sessionAt(laterMs)).not.toBe(corrected);
});
