/**
 * Without storage no event is lost while the page is open, and events that are lost afterwards are counted.
 */
import type { Frame, Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { problem } from "../support/web-client/scripted-server.ts";
import { fillDevice } from "../support/web-client/fill-device.ts";
import { useTestPage } from "../support/web-client/use-test-page.ts";
import { readStored } from "../support/web-client/read-stored.ts";

const EVENTS = 200;

let page: Page;
const test = useTestPage();

const logMany = (): Promise<void> =>
  page.evaluate((count) => {
    for (let i = 0; i < count; i += 1) globalThis.window.log.info(`event ${i}`, { n: i });
  }, EVENTS);
const allOf = (): unknown[] => test.pages.events().map(({ attributes }) => attributes?.["n"]);
const ALL = Array.from({ length: EVENTS }, (_, i) => i);

describe("without IndexedDB", () => {
  const ways = {
    "it throws": "indexedDB.open = () => { throw new DOMException('private', 'SecurityError'); };",
    "it fails": `indexedDB.open = () => {
      const request = new EventTarget();
      setTimeout(() => request.onerror?.(new Event("error")));
      return request;
    };`,
    "there is none": "Object.defineProperty(globalThis, 'indexedDB', { value: undefined });",
    "nor localStorage": `Object.defineProperty(globalThis, 'indexedDB', { value: undefined });
      Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });`,
  };

  it.each(Object.entries(ways))("%s: sends all events while the page is open", async (_name, before) => {
    page = await test.open({ before });
    const failures: Error[] = [];
    page.on("pageerror", (error) => failures.push(error));
    test.pages.server.respondWith(problem(503, { "retry-after": "1" }));
    await logMany();
    await expect.poll(() => test.pages.server.requests.length).toBeGreaterThan(0);
    test.pages.server.respondWith();
    expect(await page.evaluate(() => globalThis.window.log.flush())).toBe(true);
    expect(allOf()).toEqual(ALL);
    expect(await page.evaluate(() => globalThis.window.log.counts)).toMatchObject({ stored: EVENTS, dropped: {} });
    expect(failures).toEqual([]);
  });

  it("the next page sends events that were waiting when the page was closed", async () => {
    page = await test.open({ before: ways["it throws"] });
    test.pages.server.respondWith(problem(503));
    await logMany();
    const url = await page.evaluate(() => {
      location.reload();
      return location.href;
    });
    await page.waitForURL(url);
    await page.waitForFunction(() => "edgelog" in globalThis);
    test.pages.server.requests.length = 0;
    test.pages.server.respondWith();
    const app = test.pages.app();
    await page.evaluate(
      ([id, endpoint]) => {
        globalThis.window.edgelog.createLogger({ app: id, key: "k", endpoint, transport: "http" });
      },
      [app, test.pages.server.endpoint] as const,
    );
    await vi.waitFor(() => expect(allOf()).toEqual(ALL), 10_000);
  });
});

describe("a sandboxed frame", () => {
  it("sends its events, and leaves no rejection unhandled", async () => {
    page = await test.open({ hasLogger: false });
    await page.evaluate(() => {
      const frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "allow-scripts");
      frame.src = "/sandboxed";
      document.body.append(frame);
    });
    await expect.poll(() => page.frames().length).toBe(2);
    const frame = page.frames()[1] as Frame;
    await frame.waitForFunction(() => "edgelog" in globalThis);
    const seen = await frame.evaluate(
      async (options) => {
        const { edgelog } = globalThis.window;
        const reasons: string[] = [];
        const marker = new Promise((resolve) => {
          addEventListener("unhandledrejection", ({ reason }) => {
            reasons.push(String(reason));
            if (reason === "marker") resolve(undefined);
          });
        });
        const log = edgelog.createLogger(options);
        edgelog.captureErrors(log);
        log.info("in the frame");
        const isStored = await log.flush();
        // Rejected after each earlier request for a lock.
        await navigator.locks.request("marker", () => {}).catch(() => {});
        void Promise.reject("marker"); // oxlint-disable-line typescript/prefer-promise-reject-errors -- compared
        await marker;
        return { isStored, reasons };
      },
      { app: test.pages.app(), key: "elk_test", endpoint: test.pages.server.endpoint, transport: "http" } as const,
    );
    expect(seen).toEqual({ isStored: true, reasons: ["marker"] });
    expect(test.pages.events()[0]).toMatchObject({ body: "in the frame" });
  });
});

describe("a full device", () => {
  it("sends all events while the page is open", async () => {
    page = await test.open();
    await fillDevice(page);
    test.pages.server.respondWith(problem(503, { "retry-after": "1" }));
    await logMany();
    await expect.poll(() => test.pages.server.requests.length).toBeGreaterThan(0);
    expect((await readStored(page)).records).not.toContain("event 1");
    test.pages.server.respondWith();
    expect(await page.evaluate(() => globalThis.window.log.flush())).toBe(true);
    expect(allOf()).toEqual(ALL);
    expect(await page.evaluate(() => globalThis.window.log.counts)).toMatchObject({ stored: EVENTS, dropped: {} });
  });
});

describe("a database that is deleted while the page is open", () => {
  /** Deletes the databases, and returns the versions that they had. A database that does not exist has version 0. */
  const deleteAll = (names?: readonly string[]): Promise<readonly number[]> =>
    page.evaluate(async (given) => {
      const found = given ?? (await indexedDB.databases()).map(({ name = "" }) => name);
      const deleteOne = (name: string): Promise<number> =>
        new Promise((resolve, reject) => {
          const request = indexedDB.deleteDatabase(name);
          request.onsuccess = (event) => resolve((event as IDBVersionChangeEvent).oldVersion);
          request.onblocked = () => reject(new Error("The database is not closed"));
        });
      return Promise.all(found.map(deleteOne));
    }, names);

  const clearData = async (): Promise<void> => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Storage.clearDataForOrigin", {
      origin: new URL(page.url()).origin,
      storageTypes: "indexeddb",
    });
  };

  it.each([
    ["by code of the site", deleteAll],
    ["by the user, who clears the data of the site", clearData],
  ])("has the events again that are not stored yet: %s", async (_name, remove) => {
    page = await test.open();
    test.pages.server.respondWith(problem(503, { "retry-after": "1" }));
    const last = `event ${EVENTS - 1}`;
    await logMany();
    await expect.poll(async () => (await readStored(page)).records).toContain(last);
    await remove();
    await expect.poll(async () => (await readStored(page)).records).toContain(last);
    test.pages.server.respondWith();
    await test.flush();
    expect(allOf()).toEqual(ALL);
  });

  it.each([
    ["the logger is closed", () => page.evaluate(() => globalThis.window.log.close())],
    [
      "consent is withdrawn",
      async () => {
        await page.evaluate(() => globalThis.window.log.setConsent("refused"));
        await readStored(page); // waits for the transaction that deletes the events
      },
    ],
  ])("is not created again after %s", async (_when, stop) => {
    page = await test.open();
    await logMany();
    await test.flush();
    // The browser may still create the database when the events are sent.
    await expect.poll(async () => (await readStored(page)).databases).toHaveLength(1);
    const names = (await readStored(page)).databases;
    await stop();
    expect(await deleteAll(names)).toEqual([1]);
    // The logger would open it after this time, and this timer is started later.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
    expect(await deleteAll(names)).toEqual([0]);
  });
});
