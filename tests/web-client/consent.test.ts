/**
 * Consent decides whether events are sent and written to the device.
 */
import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { v7 as uuidv7 } from "uuid";
import { leaveEvent } from "../support/web-client/leave-event.ts";
import { problem } from "../support/web-client/scripted-server.ts";
import { useTestPage } from "../support/web-client/use-test-page.ts";
import { readStored } from "../support/web-client/read-stored.ts";
import type { OpenOptions } from "../support/web-client/test-pages.ts";

let page: Page;
const test = useTestPage();

const open = async (options?: OpenOptions["options"]): Promise<Page> =>
  (page = await test.open({ options: { ...options } }));
const flush = (): Promise<boolean | undefined> => page.evaluate(() => globalThis.window.log.flush(2_000));
const counts = () => page.evaluate(() => globalThis.window.log.counts);
const bodies = (): unknown[] => test.pages.events().map(({ body }) => body);

/**
 * Resolves when a page that is opened now has sent, without logging, an event of an earlier page. A page sends such events
 * last, when the delays of all pages before it are over.
 */
const outlastDelays = async (): Promise<void> => {
  const { pages } = test;
  const app = `marker-${uuidv7()}`;
  const earlier = await pages.open({ options: { app }, hasLogger: false });
  await leaveEvent(earlier, "marker", uuidv7());
  await earlier.close();
  const marker = await pages.open({ options: { app } });
  await expect.poll(() => pages.events().map(({ body }) => body)).toContain("marker");
  await marker.close();
};

/** Requests of all apps, without those that send a marker. */
const requests = () =>
  test.pages.server.requests.filter(({ batch }) => !String(batch.resource["service.name"]).startsWith("marker"));

describe("consent", () => {
  it("while pending, sends nothing and writes nothing to the device", async () => {
    await open({ consent: "pending" });
    const origin = test.pages.origin();
    await page.evaluate(() => {
      const { log, edgelog } = globalThis.window;
      edgelog.captureErrors(log);
      log.setUser({ id: "u-1" });
      log.info("first");
      log.error("second");
    });
    await outlastDelays();
    await page.evaluate(() => dispatchEvent(new Event("focus")));
    expect(await flush()).toBe(false);
    expect(await readStored(page)).toEqual({ databases: [], records: "", local: "{}" });
    expect(requests()).toHaveLength(0);

    // Closing the page must not send the events either.
    await page.goto(`${origin}/elsewhere`);
    await outlastDelays();
    expect(await readStored(page)).toEqual({ databases: [], records: "", local: "{}" });
    expect(requests()).toHaveLength(0);
  });

  it("when granted, sends all events with their original times", async () => {
    await open({ consent: "pending" });
    const sinceMs = Date.now();
    const ids = await page.evaluate(() => [globalThis.window.log.info("first"), globalThis.window.log.warn("second")]);
    const untilMs = Date.now();
    await vi.waitUntil(() => Date.now() > untilMs + 100);
    await page.evaluate(() => globalThis.window.log.setConsent("granted"));
    expect(await flush()).toBe(true);
    expect(test.pages.events()).toMatchObject([
      { id: ids[0], body: "first" },
      { id: ids[1], body: "second" },
    ]);
    for (const { id } of test.pages.events()) {
      const atMs = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
      expect(atMs).toBeGreaterThanOrEqual(sinceMs);
      expect(atMs).toBeLessThanOrEqual(untilMs);
    }
  });

  it("when refused, drops all events and counts them", async () => {
    await open({ consent: "pending" });
    await page.evaluate(() => {
      globalThis.window.log.error("before");
      globalThis.window.log.setConsent("refused");
      globalThis.window.log.error("after");
      globalThis.window.log.setConsent("refused");
    });
    expect(await flush()).toBe(true);
    await expect.poll(async () => (await counts()).dropped).toEqual({ consent: 2 });
    await outlastDelays();
    expect(await readStored(page)).toEqual({ databases: [], records: "", local: "{}" });
    expect(requests()).toHaveLength(0);
  });

  it("when withdrawn, deletes the events on the device, and sends nothing more", async () => {
    await open();
    test.pages.server.respondWith(problem(503));
    await page.evaluate(() => globalThis.window.log.info("kept on the device"));
    await expect.poll(async () => (await readStored(page)).records).toContain("kept on the device");
    await page.evaluate(() => globalThis.window.log.setConsent("refused"));
    await expect.poll(async () => (await readStored(page)).records).not.toContain("kept");
    expect((await readStored(page)).local).toBe("{}");
    test.pages.server.respondWith();
    test.pages.server.requests.length = 0;
    await page.evaluate(() => globalThis.window.log.info("not taken"));
    await page.reload();
    await outlastDelays();
    expect(requests()).toHaveLength(0);

    expect((await readStored(page)).records).not.toContain("not taken");
  });

  describe("when refused, deletes the events of earlier visits", () => {
    /** Opens a page with events of an earlier visit in the database and in localStorage. Its logger is not created yet. */
    const openAgain = async (): Promise<void> => {
      await open();
      test.pages.server.respondWith(problem(503));
      await page.evaluate(() => globalThis.window.log.info("in the database"));
      await expect.poll(async () => (await readStored(page)).records).toContain("in the database");
      await page.close();
      page = await test.open({ options: { app: test.pages.app() }, hasLogger: false });
      await leaveEvent(page, "in localStorage");
    };

    it("before consent was given, and only those of this app", async () => {
      await openAgain();
      await page.evaluate(() => {
        const { edgelog, options } = globalThis.window;
        edgelog.createLogger({ ...options, app: "another" }).info("of another app");
      });
      await expect.poll(async () => (await readStored(page)).records).toContain("of another app");
      await page.evaluate(() => {
        const { edgelog, options } = globalThis.window;
        const log = edgelog.createLogger({ ...options, consent: "pending" });
        log.info("waits");
        log.setConsent("refused");
      });
      await expect.poll(async () => (await readStored(page)).records).not.toContain("in the database");
      const { records, local } = await readStored(page);
      expect(records).toContain("of another app");
      expect(local).toBe("{}");
    });

    it("while the database is being opened", async () => {
      await openAgain();
      // An upgrade: meanwhile the database cannot be opened.
      await page.evaluate(async () => {
        const [{ name = "" } = {}] = await indexedDB.databases();
        const request = indexedDB.open(name, 2);
        await new Promise<void>((resolve) => {
          request.onupgradeneeded = () => {
            let isBlocked = true;
            globalThis.window.end = () => (isBlocked = false);
            const records = (request.transaction as IDBTransaction).objectStore("");
            const stayOpen = (): void => {
              if (isBlocked) records.count().onsuccess = stayOpen;
            };
            stayOpen();
            resolve();
          };
        });
        request.onsuccess = () => request.result.close();
      });
      await page.evaluate(async () => {
        const { edgelog, options } = globalThis.window;
        const log = edgelog.createLogger(options);
        log.info("not written");
        await log.flush(1);
        log.setConsent("refused");
        globalThis.window.end();
      });
      await expect.poll(async () => (await readStored(page)).records).toBe("[]");
      expect((await readStored(page)).local).toBe("{}");
    });
  });

  it("when withdrawn and granted again at once, deletes the earlier events, and writes the later ones", async () => {
    await open();
    test.pages.server.respondWith(problem(503));
    await page.evaluate(() => globalThis.window.log.info("earlier"));
    await expect.poll(async () => (await readStored(page)).records).toContain("earlier");
    await page.evaluate(() => {
      const { log } = globalThis.window;
      log.setConsent("refused");
      log.setConsent("granted");
      log.info("later");
    });
    await expect.poll(async () => (await readStored(page)).records).toMatch(/^(?!.*earlier).*later/);
  });

  it("when withdrawn, does not write events that waited for a write", async () => {
    await open();
    test.pages.server.respondWith(problem(503));
    await page.evaluate(() => globalThis.window.log.info("first"));
    await expect.poll(async () => (await readStored(page)).records).toContain("first");
    await page.evaluate(async () => {
      const { log } = globalThis.window;
      log.info("written at once");
      await new Promise((resolve) => setTimeout(resolve, 20));
      log.info("waits for the next write");
      log.setConsent("refused");
    });
    await outlastDelays();
    expect((await readStored(page)).records).not.toMatch(/first|written|waits/);
  });

  it("can be granted again", async () => {
    await open();
    await page.evaluate(async () => {
      const { log } = globalThis.window;
      log.setConsent("refused");
      log.info("not taken");
      await new Promise((resolve) => setTimeout(resolve, 300));
      log.setConsent("granted");
      log.info("taken");
    });
    expect(await flush()).toBe(true);
    expect(bodies()).toEqual(["taken"]);
  });

  it("when granted again, sends no event that was dropped while it waited for a retry", async () => {
    await open();
    test.pages.server.respondWith(problem(503));
    await page.evaluate(() => globalThis.window.log.info("dropped"));
    // The request has failed, and its retry waits for the backoff.
    await expect.poll(() => page.evaluate(() => globalThis.window.log.status.state)).toBe("offline");
    await page.evaluate(() => globalThis.window.log.setConsent("refused"));
    test.pages.server.respondWith();
    test.pages.server.requests.length = 0;
    await page.evaluate(() => {
      globalThis.window.log.setConsent("granted");
      globalThis.window.log.info("taken");
    });
    expect(await flush()).toBe(true);
    expect(bodies()).toEqual(["taken"]);
    expect((await counts()).dropped).toEqual({ consent: 1 });
  });

  it("limits the number of events while pending", async () => {
    await open({ consent: "pending" });
    await page.evaluate(async () => {
      for (let i = 0; i < 15; i += 1) {
        for (let j = 0; j < 1_000; j += 1) globalThis.window.log.info(`waits ${i}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    await expect.poll(counts).toMatchObject({ queued: 10_000, dropped: { queue_full: 5_000 } });
  });

  it("limits the bytes of the events while pending, and sends the others when granted", async () => {
    await open({ consent: "pending" });
    await page.evaluate(() => {
      for (let i = 0; i < 100; i += 1) globalThis.window.log[i % 2 ? "error" : "info"](`${i} ${"x".repeat(130_000)}`);
    });
    const queued = Math.floor(8_388_608 / 130_150);
    await expect.poll(counts).toMatchObject({ queued, dropped: { queue_full: 100 - queued } });
    await page.evaluate(() => globalThis.window.log.setConsent("granted"));
    await expect.poll(async () => (await counts()).stored).toBe(queued + 1); // and the report of drops
    const severities = test.pages.events().map(({ severity }) => severity);
    expect(severities.filter((severity) => severity === "error")).toHaveLength(50);
  });
});
