/** Live updates in the console's log view, with the whole stack: logs that arrive over HTTP and MQTT. */
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { startBrowser, type Browser } from "../support/browser.ts";
import { startPublisher, type Publisher } from "../support/mqtt-publisher.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";
import { logList, logRow, waitForCount } from "../support/logs-page.ts";

const OLDER = 120;

let line: TestStack;
let browser: Browser;
let publisher: Publisher;
beforeAll(async () => {
  line = await startTestStack();
  browser = await startBrowser();
  const { mqtt: url, app } = line.stack.file;
  publisher = await startPublisher({ url, app: app.id, key: app.key });
  const nowMs = Date.now();
  await line.postLogs({
    v: 1,
    events: Array.from({ length: OLDER }, (_, n) => ({ time: nowMs - 60_000 - n * 1_000, body: `older ${n}` })),
  });
  await line.waitFor(
    "the older logs",
    () => line.count("logs-*", { match_all: {} }),
    (count) => count === OLDER,
  );
});
afterAll(async () => {
  await publisher?.[Symbol.asyncDispose]();
  await browser?.[Symbol.asyncDispose]();
  await line?.[Symbol.asyncDispose]();
});

/** Opens the page and waits until its live tail is connected. `prepare` runs before the page loads. */
const open = async (query = "", prepare?: (page: Page) => Promise<void>): Promise<Page> => {
  const page = await browser.context.newPage();
  await prepare?.(page);
  await page.goto(`${line.stack.file.console}${query}#token=${line.stack.file.readerToken}`);
  await page.locator('.live[data-tail="live"]').waitFor();
  return page;
};

const publish = (body: string, severity = "info"): Promise<void> =>
  publisher.publish(JSON.stringify({ v: 1, id: uuidv7(), events: [{ id: uuidv7(), severity, body }] }));

describe("live updates", () => {
  it("shows new logs from HTTP and MQTT automatically and once", async () => {
    const page = await open();
    await logRow(page, "older 0").waitFor();
    await line.postLogs({ body: "came over HTTP" });
    await logRow(page, "came over HTTP").waitFor();
    // A search would confirm the log, which is unconfirmed until then.
    const isSeen = Promise.withResolvers<void>();
    await page.route("**/search?**", async (route) => {
      await isSeen.promise;
      await route.continue();
    });
    await publish("came over MQTT");
    await logList(page).locator('.log[data-unconfirmed="true"]', { hasText: "came over MQTT" }).waitFor();
    isSeen.resolve();
    await logList(page).locator('.log[data-unconfirmed="false"]', { hasText: "came over MQTT" }).waitFor();
    expect(await logList(page).getByText("came over MQTT").count()).toBe(1);
    await page.close();
  });

  it("shows a log that arrives with a time before that of the newest logs", async () => {
    const page = await open("?q=older OR late", (page) => page.clock.install());
    await logRow(page, "older 0").waitFor();
    await line.postLogs({ time: Date.now() - 90_000, body: "came late" });
    await expect
      .poll(async () => {
        await page.clock.runFor(1_000);
        return await logList(page).getByText("came late").count();
      })
      .toBe(1);
    await page.close();
  });

  it("shows a log before it is stored only if it certainly matches the filter", async () => {
    const page = await open("?q=level:>=warn payment");
    await page.getByRole("heading", { name: /^No matching logs/ }).waitFor();
    await publish("an unimportant payment", "info");
    await publish("a broken thing", "error");
    await publish("the payment broke", "error");
    await logRow(page, "the payment broke").waitFor();
    await line.waitFor(
      "all three",
      () => line.count("logs-*", { match: { body: "payment" } }),
      (count) => count === 2,
    );
    await logList(page).locator('.log[data-unconfirmed="false"]', { hasText: "the payment broke" }).waitFor();
    expect(await logList(page).getByRole("row").count()).toBe(2);
    await page.close();
  });

  it("loads nothing while paused, and catches up when resumed", async () => {
    const searches: string[] = [];
    const page = await open("", (page) => page.clock.install());
    await logRow(page, "older 0").waitFor();
    await page.getByRole("button", { name: "Live" }).click();
    await page.locator('.live[data-tail="off"]').waitFor();
    await publish("sent during the pause");
    await line.waitFor(
      "the log sent during the pause",
      () => line.count("logs-*", { match_phrase: { body: "sent during the pause" } }),
      (count) => count === 1,
    );
    page.on("request", (request) => void (request.url().includes("/search?") && searches.push(request.url())));
    // Several polling intervals, in which a page that is not paused loads the log.
    await page.clock.runFor(5_000);
    expect(searches).toEqual([]);
    expect(await logList(page).getByText("sent during the pause").count()).toBe(0);
    await page.keyboard.press("l");
    await logRow(page, "sent during the pause").waitFor();
    await page.close();
  });

  it("ends the live tail while the page is hidden, and then shows the logs that were sent meanwhile", async () => {
    const page = await open();
    await logRow(page, "older 0").waitFor();
    const setHidden = (isHidden: boolean): Promise<void> =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, isHidden);
    await setHidden(true);
    await page.locator('.live[data-tail="off"]').waitFor();
    await publish("sent to a hidden page");
    await setHidden(false);
    await logRow(page, "sent to a hidden page").waitFor();
    await page.locator('.live[data-tail="live"]').waitFor();
    await publisher.publish('{"body":1}');
    await page.getByText("1 not shown live").waitFor();
    expect(await page.getByText("1 not shown live").getAttribute("title")).toBe(
      "1 have a format that only the server reads, or are invalid. Searches find all logs that are stored.",
    );
    await page.close();
  });

  it("moves no row while scrolled down, and shows the number of new logs", async () => {
    const page = await open();
    await logRow(page, "older 0").waitFor();
    await logList(page).evaluate((element) => element.scrollTo(0, 1_500));
    const read = logRow(page, "older 50");
    await read.waitFor();
    const before = await read.boundingBox();
    await publish("came above");
    await publish("came above, too");
    const news = page.getByRole("button", { name: /2 new logs/ });
    await news.waitFor();
    expect(await read.boundingBox()).toEqual(before);
    expect(await logList(page).getByText("came above").count()).toBe(0);
    await news.click();
    await logRow(page, "came above, too").waitFor();
    await news.waitFor({ state: "hidden" });
    await page.close();
  });

  it("shows a burst of logs without duplicates and with the right count", async () => {
    const page = await open("?q=burst");
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        publisher.publishBatch(Array.from({ length: 20 }, (_, m) => `burst ${n * 20 + m}`)),
      ),
    );
    await line.waitFor(
      "the burst",
      () => line.count("logs-*", { match: { body: "burst" } }),
      (count) => count === 600,
    );
    await waitForCount(page, 600);
    await expect.poll(() => logList(page).getAttribute("aria-rowcount"), { timeout: 15_000 }).toMatch(/^(?:601|-1)$/);
    await page.close();
  });
});
