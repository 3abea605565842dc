/** Field case E10: sign-in with a link, with the form, and in several tabs. The server's responses are scripted. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { logList, logRow } from "../support/logs-page.ts";
import { startScriptedConsole, type ScriptedConsole, type ScriptedResponse } from "../support/scripted-console.ts";
import { createReadScript, SHOP_LOG } from "../support/scripted-responses.ts";

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());
beforeEach(() => {
  scripted.script = createReadScript();
});

const signedOut = async (): Promise<Page> => {
  const page = await scripted.open("");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to read logs" }).waitFor();
  return page;
};

it("a link that is pasted into a signed-out tab signs in, and its token leaves the address bar", async () => {
  const page = await signedOut();
  await page.evaluate(() => (location.hash = "#token=pasted"));
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  expect(new URL(page.url()).hash).toBe("");
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

it("other tabs of the browser are signed in, and signed out together", async () => {
  const page = await signedOut();
  await page.getByLabel("Reader token").fill("typed");
  await page.getByRole("button", { name: "Sign in" }).click();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to read logs" }).waitFor();
  expect(await page.evaluate(() => localStorage.getItem("edgelog.readerToken"))).toBeNull();
  await other.close();
  await page.close();
});

it("a link with another token asks, names both tokens, and keeps the token until the reader agrees", async () => {
  const answer = (tokenId: string, app: string): ScriptedResponse => ({
    body: { tokenId, apps: [{ id: app, tail: [] }], canAlert: false },
  });
  scripted.script = {
    ...createReadScript(),
    "/reader": (_, token) => {
      if (token === "reader") return answer("5f9c4ab08cac", "shop");
      return token === "elr_other" ? answer("0d11aa72be90", "stranger") : { status: 401, body: {} };
    },
  };
  const page = await scripted.open("");
  const openLink = async (token: string): Promise<void> => {
    await page.evaluate((hash) => (location.hash = hash), `#token=${token}`);
  };
  const dialog = page.getByRole("dialog", { name: "Switch to another reader token?" });
  const storedToken = (): Promise<string | null> => page.evaluate(() => localStorage.getItem("edgelog.readerToken"));

  await openLink("elr_other");
  await dialog.getByText("5f9c4ab08cac, reads shop").waitFor();
  await dialog.getByText("0d11aa72be90, reads stranger").waitFor();
  expect(new URL(page.url()).hash).toBe("");
  expect(await dialog.innerText()).not.toContain("elr_other");
  await dialog.getByRole("button", { name: "Keep my token" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await storedToken()).toBe("reader");

  await openLink("elr_expired");
  await dialog.getByText("invalid or expired").waitFor();
  expect(await dialog.getByRole("button", { name: "Switch", exact: true }).isDisabled()).toBe(true);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await storedToken()).toBe("reader");

  await openLink("reader");
  await openLink("elr_other");
  await dialog.getByRole("button", { name: "Switch", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await storedToken()).toBe("elr_other");
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

it.each([
  [
    "with a link",
    async (page: Page): Promise<void> => {
      await page.evaluate(() => (location.hash = "#token=elr_other"));
      await page.getByRole("button", { name: "Switch", exact: true }).click();
    },
  ],
  [
    "in another tab",
    async (page: Page): Promise<void> => {
      const other = await page.context().newPage();
      await other.goto(page.url());
      await other.evaluate(() => localStorage.setItem("edgelog.readerToken", "elr_other"));
      await other.close();
    },
  ],
])("a page whose token is switched %s shows only logs of the new token", async (_name, switchToken) => {
  scripted.script = {
    ...createReadScript(),
    // Both logs have the same key, which the list and the selection of the previous token contain.
    "/search": (_, token) => {
      const document = { ...SHOP_LOG.document, body: `log of ${token}` };
      return { body: { total: 1, totalIsLowerBound: false, hits: [{ ...SHOP_LOG, document }] } };
    },
    "/export": () => ({ body: SHOP_LOG }),
  };
  const page = await scripted.open("?from=all");
  await logRow(page, "log of reader").waitFor();
  // Without a file picker the export is collected in memory.
  await page.evaluate(() => Reflect.deleteProperty(window, "showSaveFilePicker"));
  await page.getByText("Export", { exact: true }).click();
  await page.getByRole("button", { name: "NDJSON, full documents" }).click();
  await page.getByText("Exported:").waitFor();
  await page.getByRole("heading", { name: "Logs", level: 1 }).press("j");
  await logList(page).getByRole("row", { selected: true }).waitFor();

  await switchToken(page);
  await logRow(page, "log of elr_other").waitFor();
  expect(await page.getByText("log of reader").count()).toBe(0);
  expect(await logList(page).getByRole("row", { selected: true }).count()).toBe(0);
  expect(await page.getByText("Exported:").count()).toBe(0);
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

it("on a shared computer only this tab is signed in", async () => {
  const page = await signedOut();
  await page.getByLabel("Reader token").fill("typed");
  await page.getByLabel("This is a shared computer").check();
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  expect(await page.evaluate(() => localStorage.getItem("edgelog.readerToken"))).toBeNull();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByRole("heading", { name: "Sign in to read logs" }).waitFor();
  await other.close();
  await page.close();
});
