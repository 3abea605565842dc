/**
 * Every event of a page is in OpenSearch exactly once, whatever ends the page, the network or a service. Counted in
 * OpenSearch, not in the client.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openChromium } from "../support/browser.ts";
import { readRelayMetric } from "../support/relay-metric.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";
import { expectStoredOnce } from "../support/web-client/expect-stored-once.ts";
import { fillDevice } from "../support/web-client/fill-device.ts";
import { killChromium } from "../support/web-client/kill-chromium.ts";
import { readStored } from "../support/web-client/read-stored.ts";
import { servePage, type ServedPage } from "../support/web-client/serve-page.ts";

const EVENTS = 1_000;

let line: TestStack;
let site: ServedPage;
let profile: string;
let context: BrowserContext;
beforeAll(async () => {
  line = await startTestStack({ hasStoreLink: true });
  site = await servePage("./page.ts", "../../../web-client/logger/send/http/post-worker.ts");
  profile = await mkdtemp(join(tmpdir(), "edgelog-profile-"));
  context = await openChromium(profile);
});
afterAll(async () => {
  await context?.close();
  await site?.[Symbol.asyncDispose]();
  if (profile !== undefined) await rm(profile, { recursive: true, force: true });
  await line?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  line.storeLink.setMode({ kind: "healthy" });
  await context.setOffline(false);
  // A failed test has not closed its pages, which may limit the storage of later ones.
  for (const page of context.pages().slice(1)) await page.close();
});

const addressOf = (service: string, transport = "auto"): string => {
  const { app, worker } = line.stack.file;
  const query = { app: app.id, key: app.key, endpoint: worker.replace(/\/$/, ""), service, transport };
  return `${site.origin}/?${new URLSearchParams(query)}`;
};

const open = async (address: string): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForFunction(() => "logMany" in globalThis);
  return page;
};

/** How many of the events are in the database. */
const countWritten = async (page: Page): Promise<number> =>
  ((await readStored(page)).records.match(/event \d+/g) ?? []).length;

const expectAll = (service: string, count = EVENTS): Promise<void> => expectStoredOnce(line, service, count, 40_000);

const logAll = (page: Page, count = EVENTS, padding = 0, from = 0): Promise<void> =>
  page.evaluate((args) => globalThis.window.logMany(...args), [count, padding, from] as const);

describe("stores each event once if the page ends in the task that logged", () => {
  it.each(["reload", "navigation", "close"] as const)("by %s", async (end) => {
    const page = await open(addressOf(end));
    const left = end === "close" ? undefined : page.waitForEvent("load");
    await page
      .evaluate(
        ([count, how]) => {
          globalThis.window.logMany(count);
          if (how === "reload") location.reload();
          else if (how === "navigation") location.href = "/elsewhere";
          else window.close();
        },
        [EVENTS, end] as const,
      )
      .catch(() => {}); // the page ends before it can respond
    await left;
    // Chromium ignores window.close() in a page that no script opened.
    if (!page.isClosed()) await page.close();
    const next = await open(addressOf(`${end}-after`));
    await expectAll(end);
    await next.close();
  });

  it("by navigation with 400 KB of waiting events", async () => {
    const page = await open(addressOf("large"));
    const ended = page.waitForEvent("load");
    await page
      .evaluate(() => {
        globalThis.window.logMany(200, 2_000);
        location.href = "/elsewhere";
      })
      .catch(() => {});
    await ended;
    await page.goto(addressOf("large-after"));
    await expectAll("large", 200);
    await page.close();
  });
});

/**
 * Chromium's `setOffline` does not affect an open WebSocket, so these tests use HTTP. They start when the events of earlier
 * pages are sent, so that only their own events are in the database.
 */
const openAlone = async (service: string): Promise<Page> => {
  const page = await open(addressOf(service, "http"));
  await expect.poll(() => countWritten(page), { timeout: 20_000 }).toBe(0);
  return page;
};

describe("stores each event once", () => {
  it("if the browser is killed while it is offline, and opened again with the same profile", async () => {
    const page = await openAlone("killed-browser");
    await context.setOffline(true);
    await logAll(page);
    await expect.poll(() => countWritten(page), { timeout: 20_000 }).toBe(EVENTS);
    await killChromium(profile);
    await context.close().catch(() => {});
    context = await openChromium(profile);
    const next = await open(addressOf("killed-browser-after"));
    await expectAll("killed-browser");
    await next.close();
  });

  it("if the browser is killed between the receipts and the deletion of the records", async () => {
    const page = await openAlone("killed-after");
    await logAll(page, 200);
    // The page has the receipts, and deletes the records a second later.
    await page.waitForFunction(() => globalThis.window.logger.counts.stored === 200);
    const written = await countWritten(page);
    await killChromium(profile);
    const stored = await line.count("logs-*", { term: { "resource.service.name": "killed-after" } });
    expect([stored, written]).toEqual([200, 200]);
    await context.close().catch(() => {});
    context = await openChromium(profile);
    const next = await open(addressOf("killed-after-next", "http"));
    await expect.poll(() => countWritten(next), { timeout: 20_000 }).toBe(0);
    await expectAll("killed-after", 200);
    await next.close();
  });

  it("if the browser is offline for 60 s", { timeout: 120_000 }, async () => {
    const page = await openAlone("offline");
    await context.setOffline(true);
    await logAll(page);
    await sleep(60_000);
    expect(await line.count("logs-*", { term: { "resource.service.name": "offline" } })).toBe(0);
    await context.setOffline(false);
    await expectAll("offline");
    await page.close();
  });

  it.each(["stays open", "is closed"] as const)("if the device is full and offline, and the page %s", async (end) => {
    const service = `full-${end.replace(" ", "-")}`;
    const page = await openAlone(service);
    const devtools = await fillDevice(page);
    await context.setOffline(true);
    await logAll(page);
    await expect.poll(() => page.evaluate(() => globalThis.window.logger.status.state)).toBe("offline");
    expect(await countWritten(page)).toBe(0);
    if (end === "is closed") await page.reload().catch(() => {}); // offline: the browser shows its error page
    if (end === "is closed") await page.close();
    await context.setOffline(false);
    // The quota ends when the page is closed; if the page stays open, end it here.
    if (end === "stays open") await devtools.detach();
    const next = end === "is closed" ? await open(addressOf(`${service}-after`)) : page;
    await expectAll(service);
    await next.close();
  });

  it("if WebSocket is blocked", async () => {
    const page = await context.newPage();
    await page.addInitScript("WebSocket = class { constructor() { throw new Error('blocked'); } }");
    await page.goto(addressOf("blocked"));
    await page.waitForFunction(() => "logMany" in globalThis);
    await logAll(page);
    await expectAll("blocked");
    // The failed attempt to connect may come after the last response.
    await page.evaluate(() => globalThis.window.logger.info("one more"));
    const readStatus = (): Promise<unknown> => page.evaluate(() => globalThis.window.logger.status);
    await expect.poll(readStatus).toEqual({ state: "online", transport: "http" });
    await page.close();
  });

  it("if two tabs log at once", async () => {
    const pages = [await open(addressOf("tabs")), await open(addressOf("tabs"))];
    const readCounts = (page: Page) => page.evaluate(() => globalThis.window.logger.counts);
    // Wait until all events of earlier pages are sent.
    await expect.poll(async () => (await readStored(pages[0]!)).records).toMatch(/^(?:\[\])*$/);
    const before = await Promise.all(pages.map(readCounts));
    await Promise.all(pages.map((page, i) => logAll(page, EVENTS, 0, i * EVENTS)));
    await expectAll("tabs", 2 * EVENTS);
    const after = await Promise.all(pages.map(readCounts));
    // Neither tab sent events of the other tab.
    expect(
      after.map(({ stored, duplicates }, i) => [stored - before[i]!.stored, duplicates - before[i]!.duplicates]),
    ).toEqual([
      [EVENTS, 0],
      [EVENTS, 0],
    ]);
    for (const page of pages) await page.close();
  });

  it("if one task logs 5,000 events", async () => {
    const page = await open(addressOf("burst"));
    await logAll(page, 5_000);
    await expectAll("burst", 5_000);
    await page.close();
  });
});

describe("stores each event once under load", () => {
  it.each(["broker", "worker"] as const)("if the %s is killed", async (name) => {
    const page = await open(addressOf(`killed-${name}`, name === "broker" ? "mqtt" : "auto"));
    for (let i = 0; i < 10; i += 1) {
      await logAll(page, EVENTS / 10, 0, (i * EVENTS) / 10);
      if (i === 4) line.stack.services[name].kill("SIGKILL");
      await sleep(50);
    }
    await line.stack.services[name].ready();
    await expectAll(`killed-${name}`);
    await page.close();
  });

  it("if OpenSearch is unavailable for some time", { timeout: 120_000 }, async () => {
    // Only by MQTT, because the relay counts the failures.
    const page = await open(addressOf("store-unavailable", "mqtt"));
    const countFailures = async (): Promise<number> =>
      (await readRelayMetric(line.stack.file.relayHealth, "send_failures_total")) ?? 0;
    const before = await countFailures();
    line.storeLink.setMode({ kind: "cut" });
    await logAll(page);
    await expect.poll(countFailures).toBeGreaterThan(before + 1);
    expect(await page.evaluate(() => globalThis.window.logger.counts.inFlight)).toBeGreaterThan(0);
    line.storeLink.setMode({ kind: "healthy" });
    await expectAll("store-unavailable");
    await page.close();
  });
});

describe("an error loop", () => {
  it("of 100,000 errors becomes a few events, which account for all errors", async () => {
    const page = await open(addressOf("loop"));
    await page.evaluate(async () => {
      const PAUSE_EVERY = 1_000;
      for (let i = 0; i < 100_000; i += 1) {
        globalThis.dispatchEvent(
          new ErrorEvent("error", { error: new Error(`same ${i % 7}`), message: `same ${i % 7}`, filename: "x" }),
        );
        if (i % PAUSE_EVERY === 0) await new Promise((resolve) => setTimeout(resolve));
      }
    });
    await page.close();
    const next = await open(addressOf("loop-after")); // sends the rest
    const query = { term: { "resource.service.name": "loop" } };
    const accountedFor = async (): Promise<number> => {
      const hits = await line.search("logs-*", query, 1_000);
      expect(hits.length).toBeLessThan(120);
      return hits.reduce((sum, { _source }) => sum + Number(_source["attributes"]["edgelog.repeated"] ?? 1), 0);
    };
    await line.waitFor("logs and counts", accountedFor, (count) => count >= 100_000, 20_000);
    expect(await accountedFor()).toBe(100_000);
    await next.close();
  });
});
