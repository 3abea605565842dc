/** The layout with long values, on narrow screens and with high-contrast themes, in Chromium with scripted responses. */
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { detailPanel, logList } from "../support/logs-page.ts";
import { startScriptedConsole, type ScriptedConsole } from "../support/scripted-console.ts";
import { createReadScript, SHOP_LOG } from "../support/scripted-responses.ts";

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());

const open = async (query: string, width: number, check: (page: Page) => Promise<void>): Promise<void> => {
  const page = await scripted.open(query);
  try {
    await page.setViewportSize({ width, height: 800 });
    // The width at the start decides whether the filters are open.
    await page.reload();
    await check(page);
  } finally {
    await page.close();
  }
};

/** Left and right edge in CSS pixels. */
const edgesOf = async (locator: Locator): Promise<[left: number, right: number]> => {
  const box = await locator.boundingBox();
  return [box?.x ?? -1, (box?.x ?? 0) + (box?.width ?? Number.NaN)];
};

it("the title of an error group keeps its space next to a version of invisible characters", async () => {
  const version = "\u200B".repeat(24);
  const title = "TypeError: a title of forty characters!!";
  const seen = "2026-11-29T08:00:00.000Z";
  const group = {
    key: "a",
    title,
    count: 1,
    users: 1,
    sessions: 1,
    trend: [1],
    firstSeen: seen,
    lastSeen: seen,
    firstVersion: version,
    versions: [{ value: version, count: 1, errors: 1 }],
    versionsEver: [{ version, firstSeen: seen }],
    sample: SHOP_LOG,
  };
  scripted.script = { ...createReadScript(), "/groups": () => ({ body: { groups: [group], total: 1 } }) };
  await open("?view=errors&from=all", 1280, async (page) => {
    const cell = page.getByRole("rowheader").filter({ hasText: title });
    await cell.waitFor();
    expect(await cell.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
  });
});

it("a phone shows the button that closes a log, also with a year in the title", async () => {
  const log = { ...SHOP_LOG, document: { ...SHOP_LOG.document, "@timestamp": "2025-03-03T08:00:00.000Z" } };
  scripted.script = {
    ...createReadScript(),
    "/search": () => ({ body: { total: 1, totalIsLowerBound: false, hits: [log] } }),
  };
  await open(`?from=all&event=${SHOP_LOG.id}.shop`, 320, async (page) => {
    await detailPanel(page).getByText("03 Mar 2025").first().waitFor();
    const [, right] = await edgesOf(detailPanel(page).getByRole("button", { name: "Close" }));
    expect(right).toBeLessThanOrEqual(320);
    expect(await detailPanel(page).evaluate(({ scrollWidth }) => scrollWidth)).toBeLessThanOrEqual(320);
  });
});

it.each([320, 360, 640])("the menus of a page %i px wide are inside it", async (width) => {
  scripted.script = createReadScript();
  await open("?from=all", width, async (page) => {
    for (const name of ["Columns", "Local", "Export"]) {
      const menu = page.locator(".menu").filter({ hasText: name });
      await menu.locator("summary").click();
      const [left, right] = await edgesOf(menu.locator(".menu-panel"));
      expect(left).toBeGreaterThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(width);
      expect((await menu.locator(".menu-panel").boundingBox())?.y).toBeGreaterThan(
        (await menu.locator("summary").boundingBox())?.y ?? Number.NaN,
      );
      await page.keyboard.press("Escape");
    }
  });
});

it("high-contrast themes mark the selected log and the current page, and keep the colours of severities", async () => {
  scripted.script = createReadScript();
  await open("?from=all", 1280, async (page) => {
    await page.emulateMedia({ forcedColors: "active" });
    await page.reload();
    await logList(page).getByText("payment declined").waitFor();
    await page.keyboard.press("j");
    const outlineOf = (locator: Locator): Promise<string> =>
      locator.evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(await outlineOf(logList(page).locator('[aria-selected="true"]'))).toBe("solid");
    expect(await outlineOf(page.locator(".topbar nav [aria-current]"))).toBe("solid");
    const hasColour = await page.locator(".logs-chart canvas").evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      return data.some((red, i) => i % 4 === 0 && data[i + 3] === 255 && red - (data[i + 1] ?? 0) > 80);
    });
    expect(hasColour).toBe(true);
  });
});
