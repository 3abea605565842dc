/** Contrast of the six levels in both themes. The server's responses are scripted. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SEVERITIES } from "#contract/wire/severity.ts";
import { startScriptedConsole, type ScriptedConsole } from "../support/scripted-console.ts";
import { createReadScript, SHOP_LOG } from "../support/scripted-responses.ts";

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());

describe("levels", () => {
  const toLog = (severity: string, index: number): object => ({
    ...SHOP_LOG,
    id: `019ab0c0-0000-7000-8000-00000000000${index}`,
    document: { ...SHOP_LOG.document, severity: { text: severity, number: index * 4 + 1 } },
  });

  const hits = SEVERITIES.map(toLog);

  /** Contrast of each level's text with its background, composed of all backgrounds behind it (WCAG 2.2). */
  const readContrasts = (page: Page): Promise<readonly (readonly [level: string, contrast: number])[]> =>
    page.evaluate(() => {
      const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      if (context === null) throw new Error("no canvas");
      const paint = (colours: readonly string[]): readonly number[] => {
        context.clearRect(0, 0, 1, 1);
        for (const colour of colours) {
          context.fillStyle = colour;
          context.fillRect(0, 0, 1, 1);
        }
        return Array.from(context.getImageData(0, 0, 1, 1).data.slice(0, 3));
      };
      const luminance = (rgb: readonly number[]): number => {
        const [red = 0, green = 0, blue = 0] = rgb
          .map((value) => value / 255)
          .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      return [...document.querySelectorAll<HTMLElement>(".severity")].map((badge) => {
        const backgrounds: string[] = [];
        for (let element: HTMLElement | null = badge; element !== null; element = element.parentElement) {
          backgrounds.unshift(getComputedStyle(element).backgroundColor);
        }
        const [text, behind] = [paint([...backgrounds, getComputedStyle(badge).color]), paint(backgrounds)].map(
          luminance,
        );
        const [light = 0, dark = 0] = [text ?? 0, behind ?? 0].toSorted((a, b) => b - a);
        return [badge.textContent ?? "", (light + 0.05) / (dark + 0.05)] as const;
      });
    });

  it.each(["light", "dark"] as const)("are readable in the list and in the detail panel: %s", async (colorScheme) => {
    scripted.script = {
      ...createReadScript(),
      "/search": () => ({ body: { total: 6, totalIsLowerBound: false, hits } }),
    };
    const page = await scripted.open("?from=all");
    await page.emulateMedia({ colorScheme });
    const rows = page.locator(".log");
    await rows.nth(5).waitFor();
    const contrasts = [...(await readContrasts(page))];
    for (let index = 0; index < SEVERITIES.length; index += 1) {
      // A selected row has another background, and the panel shows the level in a badge with a background.
      await rows.nth(index).click();
      await page.locator(".detail-head .severity").waitFor();
      contrasts.push(...(await readContrasts(page)));
    }
    expect(new Set(contrasts.map(([level]) => level))).toEqual(new Set(SEVERITIES));
    expect(contrasts.filter(([, contrast]) => contrast < 4.5)).toEqual([]);
    await page.close();
  });
});
