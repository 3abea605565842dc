/**
 * The pages in Chromium: what a stranger writes shows as text, and the demo's buttons do what they say.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser, type Browser } from "./support/browser.ts";
import { startTestStack, type TestStack } from "./support/test-stack.ts";

let line: TestStack;
let browser: Browser;
beforeAll(async () => {
  line = await startTestStack();
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await line?.[Symbol.asyncDispose]();
});

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>\u001b[31mred\u202egnp.exe';

describe("console", () => {
  it("shows what a stranger wrote as text, and finds it by its words", async () => {
    const page = await browser.context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await line.postLogs({ severity: "error", body: HOSTILE });
    await line.postLogs({ severity: "info", body: "something else" });
    await page.goto(`${line.stack.file.console}#token=${line.stack.file.readerToken}`);
    await page.getByText('<img src=x onerror="document.title=1">').first().waitFor();
    expect(await page.locator("main img[src=x]").count()).toBe(0);
    expect(await page.title()).not.toMatch(/^[12]$/);
    expect(page.url()).not.toContain(line.stack.file.readerToken);

    await page.getByRole("searchbox").fill("something else");
    await page.getByText("something else").first().waitFor();
    await page.getByText('<img src=x onerror="document.title=1">').first().waitFor({ state: "hidden" });
    expect(errors).toEqual([]);
  });

  it("shows a new log by itself", async () => {
    const page = await browser.context.newPage();
    await page.goto(`${line.stack.file.console}#token=${line.stack.file.readerToken}`);
    await page.getByText("something else").first().waitFor();
    await line.postLogs({ body: "came while you watched" });
    const row = page.getByText("came while you watched").first();
    await row.waitFor({ timeout: 10_000 });
    expect(await row.isVisible()).toBe(true);
  });
});

describe("demo", () => {
  it("logs its three requests and a crash with its stack", async () => {
    const page = await browser.context.newPage();
    await page.goto(line.stack.file.demo);
    for (const name of [/^GET/, /^PUT/, /^DELETE/]) await page.getByRole("button", { name }).click();
    await page.getByRole("button", { name: "Crash" }).click();
    await line.waitFor(
      "three responses",
      () => line.count("logs-*", { exists: { field: "http.response.status_code" } }),
      (count) => count === 3,
    );
    const crashes = await line.waitFor(
      "the crash",
      () => line.search("logs-*", { term: { "exception.type": "TypeError" } }),
      (hits) => hits.length === 1,
    );
    expect(crashes[0]?._source).toMatchObject({ severity: { text: "fatal" } });
    expect(crashes[0]?._source["exception"].stacktrace).toContain("at ");
  });
});
