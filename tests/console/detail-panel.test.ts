/** The detail panel of a log in Chromium. The server's responses are scripted. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { detailPanel, readUrlParams, searchBox } from "../support/logs-page.ts";
import { startScriptedConsole, type ScriptedConsole } from "../support/scripted-console.ts";
import { createReadScript, SHOP_LOG } from "../support/scripted-responses.ts";

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());

/** Opens the first of `hits`, which are all logs. */
const withLog = async (hits: readonly object[], check: (page: Page) => Promise<void>): Promise<void> => {
  scripted.script = {
    ...createReadScript(),
    ...scripted.script,
    "/search": () => ({ body: { total: hits.length, totalIsLowerBound: false, hits } }),
  };
  const page = await scripted.open(`?from=all&event=${SHOP_LOG.id}.shop`);
  try {
    await check(page);
  } finally {
    await page.close();
  }
};

describe("filters from the fields of a log", () => {
  const attributes = { items: [{ name: "milk" }, { name: "bread" }], sql: "select 1\nfrom orders" };
  const log = { ...SHOP_LOG, document: { ...SHOP_LOG.document, attributes } };

  it("search a list by the name of its field", async () => {
    await withLog([log], async (page) => {
      await detailPanel(page)
        .locator("summary", { hasText: /^1\{1\}$/ })
        .click();
      await detailPanel(page).getByRole("button", { name: "Include items.name: bread" }).click();
      await expect.poll(() => readUrlParams(page)["q"]).toBe("items.name:bread");
    });
  });

  it("keep the line feeds of a value, also after a visit to the search box", async () => {
    await withLog([log], async (page) => {
      await detailPanel(page)
        .getByRole("button", { name: /^Include sql/ })
        .click();
      const q = 'sql:"select 1\nfrom orders"';
      await expect.poll(() => readUrlParams(page)["q"]).toBe(q);
      await searchBox(page).focus();
      await page.keyboard.press("Enter");
      await searchBox(page).blur();
      expect(readUrlParams(page)["q"]).toBe(q);
    });
  });
});
