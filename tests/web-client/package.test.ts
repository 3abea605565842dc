/**
 * The built package, with internal names shortened, in Chromium without a bundler, over both transports.
 */
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildPackage } from "../support/build-package.ts";
import { startBrowser, type Browser } from "../support/browser.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";
import { serveFiles, type ServedPage } from "../support/web-client/serve-page.ts";

const LOGS = 50;
const PAGE = `<!doctype html><title>package</title><script type="module">
import { createLogger } from "/index.js"; globalThis.edgelog = { createLogger }</script>`;
const PACKAGE = new URL("../../web-client/package/", import.meta.url);
const LIB = new URL("lib/", PACKAGE);

let line: TestStack;
let browser: Browser;
let site: ServedPage;
beforeAll(async () => {
  await buildPackage("edgelog-web");
  const files = new Map<string, Uint8Array>();
  for (const path of globSync("*.js", { cwd: fileURLToPath(LIB) }))
    files.set(`/${path}`, await readFile(new URL(path, LIB)));
  site = await serveFiles(files, PAGE);
  line = await startTestStack();
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await line?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
});

it.each(["http", "mqtt"] as const)("stores the events of two tabs, over %s", async (transport) => {
  const { app, worker } = line.stack.file;
  const service = `package-${transport}`;
  for (const tab of [1, 2]) {
    const page = await browser.context.newPage();
    let sockets = 0;
    page.on("websocket", () => (sockets += 1));
    await page.goto(site.origin);
    await page.waitForFunction(() => "edgelog" in globalThis);
    const options = { app: app.id, key: app.key, endpoint: worker, transport, resource: { "service.name": service } };
    const seen = await page.evaluate(
      async ([given, first, count]) => {
        const logger = globalThis.window.edgelog.createLogger(given);
        for (let n = 0; n < count; n += 1) logger.info(`log ${first + n}`, { cart: { items: n } });
        const isStored = await logger.flush(30_000);
        return { isStored, transport: logger.status.transport, counts: logger.counts };
      },
      [options, tab * LOGS, LOGS] as const,
    );
    expect(seen).toMatchObject({
      isStored: true,
      transport,
      counts: { queued: 0, inFlight: 0, stored: LOGS, duplicates: 0, rejected: 0, dropped: {} },
    });
    expect(sockets, "the tab opens no connection: its SharedWorker has it").toBe(0);
  }
  const hits = await line.search("logs-*", { term: { "resource.service.name": service } }, 1_000);
  expect(new Set(hits.map(({ _source }) => _source["body"])).size).toBe(2 * LOGS);
  expect(hits.length).toBe(2 * LOGS);
});
