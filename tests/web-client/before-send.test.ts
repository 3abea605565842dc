/**
 * Changes to events before they are queued: sampling, `beforeSend`, redaction.
 */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { problem } from "../support/web-client/scripted-server.ts";
import { readStored } from "../support/web-client/read-stored.ts";
import { useTestPage } from "../support/web-client/use-test-page.ts";

let page: Page;
const test = useTestPage();

const flush = (): Promise<boolean | undefined> => page.evaluate(() => globalThis.window.log.flush(2_000));
const counts = () => page.evaluate(() => globalThis.window.log.counts);
const bodies = (): unknown[] => test.pages.events().map(({ body }) => body);

describe("sampling", () => {
  it("keeps a fraction of each severity", async () => {
    page = await test.open({ sampler: { severities: { debug: 0, info: 0.5 } } });
    await page.evaluate(() => {
      for (let i = 0; i < 1_000; i += 1) {
        globalThis.window.log.debug("none");
        globalThis.window.log.info("half");
      }
      globalThis.window.log.warn("all");
    });
    expect(await flush()).toBe(true);
    const kept = bodies();
    expect(kept).not.toContain("none");
    expect(kept).toContain("all");
    // Six standard deviations.
    expect(Math.abs(kept.filter((body) => body === "half").length - 500)).toBeLessThan(95);
    expect((await counts()).dropped).toEqual({ before_send: 2_001 - kept.length });
  });

  it("drops whole sessions, except their errors", async () => {
    page = await test.open({ sampler: { sessions: 0 } });
    await page.evaluate(() => {
      globalThis.window.log.info("not told");
      globalThis.window.log.error("told");
      globalThis.window.log.fatal("logged as well");
    });
    expect(await flush()).toBe(true);
    expect(bodies()).toEqual(["told", "logged as well"]);
  });

  it("makes the same decision on all pages of a session", async () => {
    const decisions: boolean[] = [];
    for (let i = 0; i < 4; i += 1) {
      page = await test.open({ options: { app: "sampled" }, sampler: { sessions: 0.5 } });
      await page.evaluate((n) => globalThis.window.log.info(`told? ${n}`), i);
      await flush();
      decisions.push(bodies().includes(`told? ${i}`));
      if (i < 3) await page.close();
    }
    expect(new Set(decisions).size).toBe(1);
  });
});

describe("beforeSend", () => {
  it("changes and drops events, and drops an event when it throws", async () => {
    page = await test.open({ hasLogger: false });
    const dropped = await page.evaluate(async () => {
      const { edgelog, options } = globalThis.window;
      const log = edgelog.createLogger({
        ...options,
        beforeSend: (record) => {
          if (record.body === "not this") return null;
          if (record.body === "breaks") throw new Error("in beforeSend");
          return { ...record, body: `${String(record.body)}!`, attributes: { ...record.attributes, seen: true } };
        },
      });
      const id = log.info("this", { n: 1 });
      log.info("not this");
      log.info("breaks");
      Object.assign(globalThis, { log, id });
      await log.flush();
      return log.counts.dropped;
    });
    expect(test.pages.events()).toMatchObject([{ body: "this!", attributes: { n: 1, seen: true } }]);
    expect(dropped).toEqual({ before_send: 2 });
  });
});

describe("redaction", () => {
  it("redacts secrets before events are written or sent", async () => {
    page = await test.open({ path: "/?coupon=SECRET-1&page=2#access_token=SECRET-2" });
    test.pages.server.respondWith(problem(503));
    await page.evaluate(() => {
      const { log } = globalThis.window;
      log.setContext({ api_key: "SECRET-3" });
      log.info("login password=SECRET-4 failed", {
        authorization: "Bearer SECRET-5",
        nested: { deep: [{ refreshToken: "SECRET-6" }] },
        header: "Authorization: Bearer SECRET-7-abcdefghijklmnop",
        jwt: `sent eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJTRUNSRVQtOCJ9.SECRET-9`,
      });
      log.error(new Error("cookie: SECRET-10"));
    });
    await expect.poll(async () => (await readStored(page)).records).toContain("login password=");
    const { records, local } = await readStored(page);
    test.pages.server.respondWith();
    expect(await flush()).toBe(true);
    for (const text of [records, local, JSON.stringify(test.pages.server.requests.map(({ batch }) => batch))]) {
      expect(text).not.toMatch(/SECRET|eyJzdWIi/);
    }
    expect(test.pages.events()[0]).toMatchObject({ body: "login password=[redacted] failed" });
    expect(test.pages.server.requests[0]?.batch.attributes?.["url.full"]).toBe(`${test.pages.origin()}/`);
  });
});
