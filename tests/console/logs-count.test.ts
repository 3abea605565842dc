/** The number above the list of logs, in Chromium with scripted responses. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { waitForCount } from "../support/logs-page.ts";
import { startScriptedConsole, type ScriptedConsole } from "../support/scripted-console.ts";
import { createReadScript, SHOP_LOG } from "../support/scripted-responses.ts";

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());

it("is absent before a search succeeds", async () => {
  scripted.script = { ...createReadScript(), "/search": () => ({ status: 503, body: {} }) };
  const page = await scripted.open("?from=all");
  await page.getByText("The server responded with status 503.").first().waitFor();
  expect(await page.locator(".logs-count").textContent()).toBe("");
  await page.close();
});

it("is announced for a filter, and not while logs arrive", async () => {
  const id = (n: number): string => `${SHOP_LOG.id.slice(0, -1)}${n}`;
  let hits = [SHOP_LOG];
  scripted.script = {
    ...createReadScript(),
    "/search": () => ({ body: { total: hits.length, totalIsLowerBound: false, hits } }),
  };
  const page = await scripted.open("?from=all");
  const readLive = (): Promise<string | null> => page.locator(".logs-count").getAttribute("aria-live");
  await waitForCount(page, 1);
  expect(await readLive()).toBe("polite");
  hits = [{ ...SHOP_LOG, id: id(2) }, SHOP_LOG];
  await waitForCount(page, 2);
  expect(await readLive()).toBe("off");
  await page.close();
});
