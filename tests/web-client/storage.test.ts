/**
 * Where the browser refuses to keep anything: nothing is lost while the page lives, and what is lost after it is counted.
 */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { problem } from "../../web-client/tests/support/scripted-server.ts";
import { fillDevice } from "./fixture/fill-device.ts";
import { readStored } from "./fixture/stored.ts";
import { startTestPages, type TestPages } from "./fixture/test-pages.ts";

const EVENTS = 200;

let pages: TestPages;
let page: Page;
beforeAll(async () => {
  pages = await startTestPages();
});
afterAll(() => pages?.[Symbol.asyncDispose]());
afterEach(async () => {
  await page.close();
  pages.server.requests.length = 0;
  pages.server.answer();
});

const logMany = (): Promise<void> =>
  page.evaluate((count) => {
    for (let i = 0; i < count; i += 1) globalThis.window.log.info(`event ${i}`, { n: i });
  }, EVENTS);
const allOf = (): unknown[] => pages.events().map(({ attributes }) => attributes?.["n"]);
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

  it.each(Object.entries(ways))("%s: all is sent while the page lives", async (_name, before) => {
    page = await pages.open({ before });
    const failures: Error[] = [];
    page.on("pageerror", (error) => failures.push(error));
    pages.server.answer(problem(503, { "retry-after": "1" }));
    await logMany();
    await vi.waitFor(() => expect(pages.server.requests.length).toBeGreaterThan(0));
    pages.server.answer();
    expect(await page.evaluate(() => globalThis.window.log.flush())).toBe(true);
    expect(allOf()).toEqual(ALL);
    expect(await page.evaluate(() => globalThis.window.log.counts)).toMatchObject({ stored: EVENTS, dropped: {} });
    expect(failures).toEqual([]);
  });

  it("what waits when the page goes is sent by the next one", async () => {
    page = await pages.open({ before: ways["it throws"] });
    pages.server.answer(problem(503));
    await logMany();
    const url = await page.evaluate(() => {
      location.reload();
      return location.href;
    });
    await page.waitForURL(url);
    await page.waitForFunction(() => "edgelog" in globalThis);
    pages.server.requests.length = 0;
    pages.server.answer();
    const app = pages.app();
    await page.evaluate(
      ([id, endpoint]) => {
        globalThis.window.edgelog.createLogger({ app: id, key: "k", endpoint, transport: "http" });
      },
      [app, pages.server.endpoint] as const,
    );
    await vi.waitFor(() => expect(allOf()).toEqual(ALL), 10_000);
  });
});

describe("a full device", () => {
  it("all is sent while the page lives", async () => {
    page = await pages.open();
    await fillDevice(page);
    pages.server.answer(problem(503, { "retry-after": "1" }));
    await logMany();
    await vi.waitFor(() => expect(pages.server.requests.length).toBeGreaterThan(0));
    expect((await readStored(page)).records).not.toContain("event 1");
    pages.server.answer();
    expect(await page.evaluate(() => globalThis.window.log.flush())).toBe(true);
    expect(allOf()).toEqual(ALL);
    expect(await page.evaluate(() => globalThis.window.log.counts)).toMatchObject({ stored: EVENTS, dropped: {} });
  });
});
