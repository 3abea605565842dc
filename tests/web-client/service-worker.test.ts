/**
 * The entry for service workers of the built package, in a service worker of Chromium.
 */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type * as Entry from "../../web-client/logger/service-worker.ts";
import { startBrowser, type Browser } from "../support/browser.ts";
import { buildPackage } from "../support/build-package.ts";
import { problem, startScriptedServer, type ScriptedServer } from "../support/web-client/scripted-server.ts";
import { serveFiles, type ServedPage } from "../support/web-client/serve-page.ts";

declare global {
  interface Window {
    /** All exports of the entry, set by the service worker's script. */
    entry: typeof Entry;
  }
}

const LIB = new URL("../../web-client/package/lib/", import.meta.url);
const SCRIPT = `import * as entry from "/service-worker.js"; globalThis.entry = entry;`;

let browser: Browser;
let server: ScriptedServer;
let site: ServedPage;
beforeAll(async () => {
  await buildPackage("edgelog-web");
  const files = new Map([
    ["/service-worker.js", await readFile(new URL("service-worker.js", LIB))],
    ["/sw.js", Buffer.from(SCRIPT)],
  ]);
  site = await serveFiles(files, "<!doctype html><title>service worker</title>");
  server = await startScriptedServer(problem(503));
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
});

it("a logger in a module service worker sends all events, and captures errors", async () => {
  const page = await browser.context.newPage();
  await page.goto(site.origin);
  const started = browser.context.waitForEvent("serviceworker");
  await page.evaluate(async () => void (await navigator.serviceWorker.register("/sw.js", { type: "module" })));
  const worker = await started;
  await expect.poll(() => worker.evaluate(() => "entry" in globalThis)).toBe(true);
  const seen = await worker.evaluate(async (endpoint) => {
    const { createLogger, captureErrors } = (globalThis as unknown as Window).entry; // a service worker has no window
    const log = createLogger({ app: "shop", key: "k", endpoint });
    captureErrors(log);
    log.info("first");
    await log.flush();
    log.info("second", { map: new Map([["key", "value"]]) });
    dispatchEvent(new ErrorEvent("error", { message: "caught", filename: "sw.js" }));
    return { isStored: await log.flush(), counts: log.counts };
  }, server.endpoint);
  expect(seen).toMatchObject({ isStored: true, counts: { queued: 0, inFlight: 0, stored: 3, dropped: {} } });
  const stored = server.requests.slice(1).flatMap(({ batch }) => batch.events);
  expect(stored).toMatchObject([
    { body: "first" },
    { body: "second", attributes: { map: { key: "value" } } },
    { body: "caught" },
  ]);
});
