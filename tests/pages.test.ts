/** The pages in Chromium: sign-in, untrusted text in the console, and the buttons of the demo. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser, type Browser } from "./support/browser.ts";
import { startTestStack, type TestStack } from "./support/test-stack.ts";

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  stack = await startTestStack();
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>\u001b[31mred\u202egnp.exe';

describe("console", () => {
  it("requires a token, removes it from the address, and reports an invalid one", async () => {
    const page = await browser.context.newPage();
    await stack.postLogs({ severity: "error", body: HOSTILE });
    await page.goto(stack.file.console);
    await page.getByLabel("Reader token").fill("no-such-token");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").filter({ hasText: "invalid or has expired" }).waitFor();
    await page.getByLabel("Reader token").fill(stack.file.readerToken);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("grid").waitFor();
    await page.goto("about:blank");
    await page.goto(`${stack.file.console}#token=${stack.file.readerToken}`);
    await page.getByRole("grid").waitFor();
    expect(page.url()).not.toContain(stack.file.readerToken);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Reader token").waitFor();
    await page.close();
  });

  it("shows markup in logs as text, and searches it", async () => {
    const page = await browser.context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await stack.postLogs({ severity: "info", body: "something else" });
    await page.goto(`${stack.file.console}#token=${stack.file.readerToken}`);
    const hostile = page.getByRole("row").filter({ hasText: '<img src=x onerror="document.title=1">' });
    await hostile.waitFor();
    expect(await page.locator("main img[src=x]").count()).toBe(0);
    expect(await page.title()).not.toMatch(/^[12]$/);

    await page.getByRole("combobox", { name: "Search logs" }).fill("something else");
    await page.getByRole("row").filter({ hasText: "something else" }).waitFor();
    await hostile.waitFor({ state: "hidden" });
    expect(errors).toEqual([]);
    await page.close();
  });
});

describe("demo", () => {
  it("logs three requests, and a crash with its stack trace", async () => {
    const page = await browser.context.newPage();
    await page.goto(stack.file.demo);
    for (const name of [/^GET/, /^PUT/, /^DELETE/]) await page.getByRole("button", { name }).click();
    await page.getByRole("button", { name: "Crash" }).click();
    await stack.waitFor(
      "three responses",
      () => stack.count("logs-*", { exists: { field: "http.response.status_code" } }),
      (count) => count === 3,
    );
    const crashes = await stack.waitFor(
      "the crash",
      () => stack.search("logs-*", { term: { "exception.type": "TypeError" } }),
      (hits) => hits.length === 1,
    );
    expect(crashes[0]?._source).toMatchObject({ severity: { text: "fatal" } });
    expect(crashes[0]?._source["exception"].stacktrace).toContain("at ");
  });
});
