/** Where the focus is after an action that removes the focused element, in Chromium with scripted responses. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { detailPanel, facetPanel, logList, logRow, readUrlParams } from "../support/logs-page.ts";
import { startScriptedConsole, type ScriptedConsole } from "../support/scripted-console.ts";
import { createReadScript } from "../support/scripted-responses.ts";

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
  scripted.script = createReadScript();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());

const open = async (query: string, check: (page: Page) => Promise<void>): Promise<void> => {
  const page = await scripted.open(query);
  try {
    await logRow(page, "payment declined").waitFor();
    await check(page);
  } finally {
    await page.close();
  }
};

const readFocused = (page: Page): Promise<string | null | undefined> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute("aria-label") ?? element?.textContent;
  });

it("stays on a value that the filter includes, and when it is released", async () => {
  await open("?from=all", async (page) => {
    const value = facetPanel(page).locator(".facet[open] .facet-for").first();
    await value.focus();
    const name = await readFocused(page);
    for (const isPressed of ["true", "false"]) {
      const requests = scripted.requests.length;
      await page.keyboard.press("Enter");
      await expect.poll(() => value.getAttribute("aria-pressed")).toBe(isPressed);
      await expect.poll(() => scripted.requests.length).toBeGreaterThan(requests);
      await page.waitForLoadState("networkidle");
      expect(await readFocused(page)).toBe(name);
    }
  });
});

it.each(["Escape", "the button Close"])("returns to the list when %s closes the log", async (way) => {
  await open("?from=all", async (page) => {
    await logRow(page, "payment declined").click();
    const close = detailPanel(page).getByRole("button", { name: "Close" });
    await close.focus();
    await page.keyboard.press(way === "Escape" ? "Escape" : "Enter");
    await detailPanel(page).waitFor({ state: "detached" });
    await expect.poll(() => readFocused(page)).toBe("Logs, newest first");
  });
});

it("goes to the list when its column is removed", async () => {
  await open("?from=all&columns=path", async (page) => {
    await logList(page).getByRole("button", { name: "Remove column path" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => readUrlParams(page)["columns"]).toBeUndefined();
    expect(await readFocused(page)).toBe("Logs, newest first");
  });
});
