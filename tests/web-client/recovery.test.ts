/**
 * Recovery of the events of a tab that has ended, by another tab of the same app or by a later page.
 */
import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { problem } from "../support/web-client/scripted-server.ts";
import { useTestPage } from "../support/web-client/use-test-page.ts";
import { leaveEvent } from "../support/web-client/leave-event.ts";
import { readStored } from "../support/web-client/read-stored.ts";

const EVENTS = 100;
/** Never focused again, so that no other event triggers a recovery. */
const UNSEEN = `for (const type of ["focus", "pageshow", "visibilitychange", "online"]) {
  addEventListener(type, (event) => event.stopImmediatePropagation(), true);
}`;

const test = useTestPage();

/** Ends without `pagehide`, at which a page would send its events. */
const crash = async (page: Page): Promise<void> => {
  const devtools = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  void devtools.send("Page.crash").catch(() => {});
  await crashed;
};

/** Waits until the tab waits for the lock of another tab. */
const awaitsEnd = (page: Page): Promise<void> =>
  expect
    .poll(() => page.evaluate(async () => (await navigator.locks.query()).pending?.map(({ mode }) => mode)))
    .toEqual(["shared"]);

const bodies = (): unknown[] => test.pages.events().map(({ body }) => body);

it("a tab sends the events of another tab as soon as that tab has crashed", async () => {
  const { pages } = test;
  pages.server.respondWith(problem(503));
  const writer = await test.open();
  await writer.evaluate((count) => {
    for (let n = 0; n < count; n += 1) globalThis.window.log.info(`event ${n}`, { n });
  }, EVENTS);
  await expect.poll(async () => (await readStored(writer)).records).toContain(`event ${EVENTS - 1}`);
  const other = await pages.open({ before: UNSEEN, options: { app: pages.app() } });
  await other.evaluate(() => globalThis.window.log.info("alive"));
  await awaitsEnd(other);
  await crash(writer);
  pages.server.requests.length = 0;
  pages.server.respondWith();
  await vi.waitFor(() => {
    const numbers = pages.events().flatMap(({ attributes }) => attributes?.["n"] ?? []);
    expect(numbers).toEqual(Array.from({ length: EVENTS }, (_, n) => n));
  }, 15_000);
  await other.close();
});

it("events in the database are found if it opens after the events in localStorage", async () => {
  const { pages } = test;
  pages.server.respondWith(problem(503));
  const writer = await test.open();
  await writer.evaluate(() => globalThis.window.log.info("in localStorage"));
  await expect.poll(async () => (await readStored(writer)).records).toContain("in localStorage");
  await writer.evaluate(() => globalThis.window.log.info("in the database"));
  await expect.poll(async () => (await readStored(writer)).records).toContain("in the database");
  await crash(writer);

  // Moves the first record to localStorage, and begins an upgrade: meanwhile no page can open the database.
  const blocker = await pages.open({ options: { app: pages.app() }, hasLogger: false });
  await blocker.evaluate(async () => {
    const [{ name = "" } = {}] = await indexedDB.databases();
    const request = indexedDB.open(name, 2);
    await new Promise<void>((resolve) => {
      request.onupgradeneeded = () => {
        let isBlocked = true;
        globalThis.window.end = () => (isBlocked = false);
        const records = (request.transaction as IDBTransaction).objectStore("");
        const cursor = records.openCursor();
        cursor.onsuccess = () => {
          const { key, value } = cursor.result as IDBCursorWithValue;
          localStorage.setItem(name + String(key), value as string);
          records.delete(key);
          resolve();
          const stayOpen = (): void => {
            if (isBlocked) records.count().onsuccess = stayOpen;
          };
          stayOpen();
        };
      };
    });
  });
  pages.server.requests.length = 0;
  pages.server.respondWith();
  const next = await pages.open({ before: UNSEEN, options: { app: pages.app() } });
  await expect.poll(bodies, { timeout: 10_000 }).toEqual(["in localStorage"]);
  await blocker.evaluate(() => globalThis.window.end());
  await expect.poll(bodies, { timeout: 10_000 }).toEqual(["in localStorage", "in the database"]);
  await expect
    .poll(() => next.evaluate(() => globalThis.window.log.counts))
    .toMatchObject({ stored: 2, duplicates: 0 });
  await next.close();
  await blocker.close();
});

it("expired events in localStorage are counted once and removed", async () => {
  const { pages } = test;
  const writer = await test.open({ hasLogger: false });
  await leaveEvent(writer, "old");
  for (const expired of [1, undefined]) {
    const page = await pages.open({ options: { app: pages.app() } });
    await page.evaluate(() => globalThis.window.log.info("new"));
    await expect.poll(async () => (await readStored(page)).local).not.toContain("old");
    expect(await page.evaluate(() => globalThis.window.log.flush())).toBe(true);
    expect((await page.evaluate(() => globalThis.window.log.counts)).dropped.expired).toBe(expired);
    await page.close();
  }
  expect(bodies()).not.toContain("old");
});

describe("close", () => {
  it("leaves the events logged during its flush to the next page", async () => {
    const { pages } = test;
    pages.server.respondWith(problem(503));
    const page = await test.open();
    const counts = await page.evaluate(async () => {
      const { log } = globalThis.window;
      log.info("before");
      const closing = log.close(1_000);
      log.info("during");
      // Its chunk waits for the pause after the chunk before.
      await new Promise((resolve) => setTimeout(resolve, 990));
      log.info("at the end");
      await closing;
      return log.counts;
    });
    expect(counts).toMatchObject({ queued: 0, inFlight: 0, dropped: { closed: 3 } });
    pages.server.requests.length = 0;
    pages.server.respondWith();
    const next = await pages.open({ options: { app: pages.app() } });
    await expect.poll(bodies, { timeout: 10_000 }).toEqual(["before", "during", "at the end"]);
    await next.close();
  });

  it("drops later events, counts them, and does not write them to the device", async () => {
    const page = await test.open();
    await page.evaluate(async () => {
      const { log } = globalThis.window;
      log.info("before");
      await log.close();
      for (let n = 0; n < 3; n += 1) log.info("after");
    });
    const readCounts = () => page.evaluate(() => globalThis.window.log.counts);
    await expect.poll(readCounts).toMatchObject({ stored: 1, queued: 0, inFlight: 0, dropped: { closed: 3 } });
    const { records, local } = await readStored(page);
    expect(records + local).not.toContain("after");
  });

  it("releases the lock, also after consent was withdrawn and given again", async () => {
    const page = await test.open();
    await page.evaluate(async () => {
      const { log } = globalThis.window;
      log.info("first");
      await log.flush();
      log.setConsent("refused");
      log.setConsent("granted");
      log.info("second");
      await log.flush();
      await log.close();
    });
    // The browser releases a lock asynchronously.
    const readLocks = () =>
      page.evaluate(async () => {
        const { held = [], pending = [] } = await navigator.locks.query();
        return [...held, ...pending];
      });
    await expect.poll(readLocks).toEqual([]);
  });
});
