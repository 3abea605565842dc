/**
 * The logger in a Web Worker, which has IndexedDB and locks but no document and no localStorage.
 */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { problem } from "../support/web-client/scripted-server.ts";
import { readStored } from "../support/web-client/read-stored.ts";
import { startTestPages, type TestPages } from "../support/web-client/test-pages.ts";

declare global {
  interface Window {
    worker: Worker;
  }
}

let pages: TestPages;
let page: Page;
beforeAll(async () => {
  pages = await startTestPages("./toolbox.ts", "./worker.ts");
});
afterAll(() => pages?.[Symbol.asyncDispose]());
afterEach(async () => {
  await page.close();
  pages.server.respondWith();
});

/** Sends a command and returns the Worker's response. */
const order = (what: unknown) =>
  page.evaluate(
    (data) =>
      new Promise<unknown>((resolve) => {
        const { worker } = globalThis.window;
        worker.addEventListener("message", (event) => resolve(event.data), { once: true });
        worker.postMessage(data); // oxlint-disable-line unicorn/require-post-message-target-origin -- a Worker
      }),
    what,
  );

const startWorker = async (isBlob = false): Promise<void> => {
  await page.evaluate((fromBlob) => {
    const url = new URL("/worker.js", location.href).href;
    const blob = new Blob([`import ${JSON.stringify(url)};`], { type: "text/javascript" });
    globalThis.window.worker = new Worker(fromBlob ? URL.createObjectURL(blob) : url, { type: "module" });
  }, isBlob);
  await order({ start: await page.evaluate(() => globalThis.window.options) });
};

const numbers = (): unknown[] => pages.events().map(({ attributes }) => attributes?.["n"]);
const ALL = Array.from({ length: 500 }, (_, i) => i);

it("a logger in a Web Worker logs, and captures uncaught errors", async () => {
  page = await pages.open({ hasLogger: false });
  await startWorker();
  await order({ log: 500 });
  await order({ fail: "in the Worker" });
  await vi.waitFor(async () => {
    expect(await order("flush")).toMatchObject({ queued: 0, inFlight: 0, stored: 501, dropped: {} });
  }, 10_000);
  expect(numbers().slice(0, 500)).toEqual(ALL);
  expect(pages.events().at(-1)).toMatchObject({ severity: "error", body: "TypeError: in the Worker" });
});

it("the URL of a Web Worker that was created from a blob is valid", async () => {
  page = await pages.open({ hasLogger: false });
  pages.server.requests.length = 0;
  await startWorker(true);
  await order({ log: 1 });
  await expect.poll(() => pages.server.requests.length).toBeGreaterThan(0);
  const url = pages.server.requests[0]?.batch.attributes?.["url.full"];
  expect(String(url).replace(/[\da-f-]{36}$/, "{id}")).toBe(`blob:${pages.origin()}/{id}`);
});

it("a logger in a Web Worker sends the events of a terminated Worker", async () => {
  page = await pages.open({ hasLogger: false });
  pages.server.respondWith(problem(503));
  await startWorker();
  await order({ log: 500 });
  await expect.poll(async () => (await readStored(page)).records).toContain("event 499");
  await page.evaluate(() => globalThis.window.worker.terminate());
  pages.server.respondWith();
  pages.server.requests.length = 0;
  await startWorker();
  // The first log starts the logger.
  await order({ log: 1 });
  await vi.waitFor(() => expect(numbers()).toHaveLength(501), 10_000);
  expect(numbers().slice(0, 500)).toEqual(ALL);
});

it("a logger in a Web Worker deletes the events on the device without consent", async () => {
  page = await pages.open({ hasLogger: false });
  pages.server.respondWith(problem(503));
  await startWorker();
  await order({ log: 1 });
  await expect.poll(async () => (await readStored(page)).records).toContain("event 0");
  await order("refuse");
  await expect.poll(async () => (await readStored(page)).records).toBe("[]");
});
