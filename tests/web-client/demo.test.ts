/**
 * The demo's offline switch: log while offline, close the tab, come back, and see the receipts.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startBrowser, type Browser } from "../support/browser.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

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

it("the demo stores events logged while offline, and sends them on the next visit", async () => {
  const page = await browser.context.newPage();
  await page.goto(line.stack.file.demo);
  await page.getByText("1 event stored").waitFor();
  await page.getByRole("switch", { name: "Simulate offline" }).check();
  await page.getByRole("button", { name: "Log 1,000 events" }).click();
  await page.getByRole("button", { name: "Add Tulips to the basket" }).click();
  await page.getByText("1,002 events waiting on this device").waitFor();
  await page.locator("#status", { hasText: "offline" }).waitFor();
  await page.close();
  const query = { prefix: { "attributes.burst.index": "" } };
  expect(await line.count("logs-*", query)).toBe(0);

  const next = await browser.context.newPage();
  const errors: Error[] = [];
  next.on("pageerror", (error) => errors.push(error));
  await next.goto(line.stack.file.demo);
  await next.getByText("Welcome back. 1,002 events from an earlier visit were waiting").waitFor();
  await next.getByText("No events waiting on this device").waitFor();
  expect(await next.getByText("earlier visit", { exact: true }).count()).toBeGreaterThan(0);
  expect(await line.count("logs-*", query)).toBe(1_000);
  expect(errors).toEqual([]);
});

it("the demo sends waiting events when it is online again", async () => {
  const page = await browser.context.newPage();
  await page.goto(line.stack.file.demo);
  await page.getByText("1 event stored").waitFor();
  const offline = page.getByRole("switch", { name: "Simulate offline" });
  await offline.check();
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("1 event waiting on this device").waitFor();
  await offline.uncheck();
  await page.locator("#status", { hasText: "online · MQTT" }).waitFor();
  await page.getByText("No events waiting on this device").waitFor();
  const query = { term: { "attributes.auth.method": "passkey" } };
  const stored = await line.waitFor(
    "the event",
    () => line.count("logs-*", query),
    (count) => count > 0,
  );
  expect(stored).toBe(1);
});
