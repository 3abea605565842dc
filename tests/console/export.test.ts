/** Exports of the console. The server's responses are scripted, and the file is a script in the page. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { logRow } from "../support/logs-page.ts";
import { startScriptedConsole, type ScriptedConsole } from "../support/scripted-console.ts";
import { createReadScript, SHOP_LOG } from "../support/scripted-responses.ts";

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());

interface TestFile {
  /** Calls of the file, in order. */
  readonly calls: string[];
  /** Completes a write. */
  release(): void;
}

it("a cancelled export stays cancelled when a write ends afterwards", async () => {
  scripted.script = { ...createReadScript(), "/export": () => ({ body: SHOP_LOG }) };
  const page = await scripted.open("?from=all");
  await logRow(page, "payment declined").waitFor();
  await page.evaluate(() => {
    const written = Promise.withResolvers<void>();
    const calls: string[] = [];
    const record = async (call: string): Promise<void> => {
      calls.push(call);
      if (call === "write") await written.promise;
    };
    const writable = { write: () => record("write"), close: () => record("close"), abort: () => record("abort") };
    const file: TestFile = { calls, release: written.resolve };
    Object.assign(window, { file, showSaveFilePicker: async () => ({ createWritable: async () => writable }) });
  });
  const calls = (): Promise<string[]> =>
    page.evaluate(() => (window as unknown as { readonly file: TestFile }).file.calls);
  const progress = page.locator(".export-progress");

  await page.getByText("Export", { exact: true }).click();
  await page.getByRole("button", { name: "NDJSON, full documents" }).click();
  await expect.poll(calls).toEqual(["write"]);
  await progress.getByRole("button", { name: "Cancel" }).click();
  await progress.waitFor({ state: "detached" });
  await page.evaluate(() => (window as unknown as { readonly file: TestFile }).file.release());
  await expect.poll(calls).toEqual(["write", "abort"]);
  expect(await progress.count()).toBe(0);
  await page.close();
});

it("a CSV file starts with the byte order mark of the response", async () => {
  scripted.script = createReadScript();
  const page = await scripted.open("?from=all");
  await logRow(page, "payment declined").waitFor();
  const csv = `\ufeff"time (UTC)","id","message"\r\n"2026-11-29T08:00:00.000Z","${SHOP_LOG.id}","Grüße"\r\n`;
  await page.route("**/export?**", (route) => route.fulfill({ contentType: "text/csv", body: Buffer.from(csv) }));
  await page.evaluate(() => {
    const written: string[] = [];
    const succeed = async (): Promise<void> => undefined;
    const writable = { write: async (text: string) => void written.push(text), close: succeed, abort: succeed };
    Object.assign(window, { written, showSaveFilePicker: async () => ({ createWritable: async () => writable }) });
  });
  await page.getByText("Export", { exact: true }).click();
  await page.getByRole("button", { name: /CSV/ }).click();
  await page.locator(".export-progress").getByRole("button", { name: "Close" }).waitFor();
  const written = await page.evaluate(() => (window as unknown as { readonly written: string[] }).written);
  expect(written.join("")).toBe(csv);
  await page.close();
});

it.each(["write", "close"])("an export ends with the reason if the disk is full, at %s", async (failing) => {
  let requests = 0;
  scripted.script = {
    ...createReadScript(),
    "/export": () => {
      requests += 1;
      return { body: SHOP_LOG };
    },
  };
  const page = await scripted.open("?from=all");
  await logRow(page, "payment declined").waitFor();
  await page.evaluate((name) => {
    const fail = async (): Promise<void> => {
      throw new DOMException("No space left.", "QuotaExceededError");
    };
    const succeed = async (): Promise<void> => undefined;
    const writable = { write: succeed, close: succeed, abort: succeed, [name]: fail };
    Object.assign(window, { showSaveFilePicker: async () => ({ createWritable: async () => writable }) });
  }, failing);
  await page.getByText("Export", { exact: true }).click();
  await page.getByRole("button", { name: "NDJSON, full documents" }).click();
  const progress = page.locator(".export-progress");
  await progress.getByRole("button", { name: "Close" }).waitFor();
  expect(await progress.textContent()).toContain("Export failed. The file could not be written. Is the disk full?");
  expect(requests).toBe(1);
  await page.close();
});
