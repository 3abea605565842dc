/**
 * Over HTTP a Web Worker compresses and posts batches. Where it fails, the page posts them.
 */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { startTestPages, type TestPages } from "../support/web-client/test-pages.ts";

const OURS = "../../../web-client/logger/send/http/post-worker.ts";
const BATCHES = 5;
const EVENTS_PER_BATCH = 50;

/** The batches that were posted by the page and not by its Worker. */
const countPosts = (page: Page): Promise<number> =>
  page.evaluate(
    () => performance.getEntriesByType("resource").filter(({ name }) => new URL(name).pathname === "/logs").length,
  );

/**
 * Logs several batches, one after another, that are large enough to compress. Returns the batches that the page posted.
 */
const logBatches = async (page: Page): Promise<number> => {
  await page.evaluate(
    async ([batches, size]) => {
      const { log } = globalThis.window;
      for (let batch = 0; batch < batches; batch += 1) {
        for (let i = 0; i < size; i += 1)
          log.info("A log of a batch that is large enough to compress", { n: batch * size + i });
        if (!(await log.flush(20_000))) throw new Error("not stored");
      }
    },
    [BATCHES, EVENTS_PER_BATCH] as const,
  );
  return countPosts(page);
};

const expectEachOnce = async (pages: TestPages, page: Page): Promise<void> => {
  const total = BATCHES * EVENTS_PER_BATCH;
  expect(pages.events().map(({ attributes }) => attributes?.["n"])).toEqual(Array.from({ length: total }, (_, n) => n));
  expect(await page.evaluate(() => globalThis.window.log.counts)).toMatchObject({
    queued: 0,
    inFlight: 0,
    stored: total,
    duplicates: 0,
    dropped: {},
  });
};

it("the Worker posts compressed batches after the core's request, and ends when the logger is closed", async () => {
  await using pages = await startTestPages("./toolbox.ts", OURS);
  const page = await pages.open();
  expect(await logBatches(page)).toBe(1);
  await expectEachOnce(pages, page);
  expect(page.workers()).toHaveLength(1);
  expect(pages.server.requests.at(-1)?.headers).toMatchObject({
    "content-encoding": "gzip",
    authorization: `Bearer ${pages.app()}:elk_test`,
    origin: pages.origin(),
  });
  await page.evaluate(() => globalThis.window.log.close());
  await expect.poll(() => page.workers()).toHaveLength(0);
});

it("the Worker is not started while MQTT may still connect", async () => {
  await using pages = await startTestPages("./toolbox.ts", OURS);
  const page = await pages.open({ options: { transport: "auto", mqttUrl: "ws://127.0.0.1:1" } });
  expect(await logBatches(page), "the core's and two more").toBe(3);
  await expectEachOnce(pages, page);
  expect(page.workers()).toHaveLength(1);
});

it("the Worker passes the server's response to the page", async () => {
  await using pages = await startTestPages("./toolbox.ts", OURS);
  const page = await pages.open();
  await logBatches(page);
  pages.server.respondWith(() => ({ status: 422, body: { title: "No", status: 422, reason: "scripted" } }));
  const seen = await page.evaluate(async () => {
    const { log } = globalThis.window;
    for (let i = 0; i < 50; i += 1) log.info("A log of a batch that is large enough to compress", { n: i });
    await log.flush();
    return log.counts;
  });
  expect(seen).toMatchObject({ queued: 0, inFlight: 0, rejected: 50 });
});

it("the Worker is not started for a few events", async () => {
  await using pages = await startTestPages("./toolbox.ts", OURS);
  const page = await pages.open();
  await page.evaluate(async () => {
    const { log } = globalThis.window;
    for (let i = 0; i < 5; i += 1) {
      for (let n = 0; n < 8; n += 1) log.info("A log of a batch that is large enough to compress", { n });
      await log.flush();
    }
  });
  expect(pages.server.requests.at(-1)?.headers).toMatchObject({ "content-encoding": "gzip" });
  expect(page.workers()).toHaveLength(0);
});

interface Without {
  readonly scripts?: readonly string[];
  /** Content-Security-Policies by path. */
  readonly policies?: Readonly<Record<string, string>>;
}

it.each<[string, Without]>([
  ["has no script", { scripts: [] }],
  ["fails", { scripts: ["./failing/post-worker.ts"] }],
  ["does not respond", { scripts: ["./silent/post-worker.ts"] }],
  ["may not connect, while the page may", { policies: { "/post-worker.js": "connect-src 'none'" } }],
  ["is forbidden by the page's policy", { policies: { "/": "worker-src 'none'" } }],
])("the page posts the batches if the Worker %s", async (_what, { scripts = [OURS], policies = {} }) => {
  await using pages = await startTestPages("./toolbox.ts", ...scripts);
  for (const [path, policy] of Object.entries(policies)) pages.policies.set(path, policy);
  const page = await pages.open({ options: { tuning: { requestTimeoutMs: 5_000 } } });
  expect(await logBatches(page)).toBe(BATCHES);
  await expectEachOnce(pages, page);
  expect(page.workers()).toHaveLength(0);
});

it("the Worker stays in use when the server was temporarily unavailable", async () => {
  await using pages = await startTestPages("./toolbox.ts", OURS);
  const page = await pages.open({ options: { tuning: { retryBaseMs: 100, requestTimeoutMs: 3_000 } } });
  expect(await logBatches(page)).toBe(1);
  pages.server.respondWith(() => ({ status: 503, body: {}, delayMs: 5_000 }));
  await page.evaluate(() => {
    for (let n = 0; n < 50; n += 1)
      globalThis.window.log.error("A log of a batch that is large enough to compress", { n: 1_000 + n });
  });
  await expect.poll(() => pages.server.requests.length).toBeGreaterThan(BATCHES + 2);
  pages.server.respondWith();
  expect(await page.evaluate(() => globalThis.window.log.flush())).toBe(true);
  expect(pages.events()).toHaveLength(BATCHES * EVENTS_PER_BATCH + 50);
  expect(await countPosts(page), "of the page").toBe(1);
  expect(page.workers()).toHaveLength(1);
});
