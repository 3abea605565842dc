/**
 * Pages of the console while part of the log storage is unavailable: each names the days whose logs may be missing. The
 * server's responses are scripted.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { describeIncomplete, mergeIncomplete } from "../../web-client/console/lib/describe-incomplete.ts";
import { startScriptedConsole, type ScriptedConsole } from "../support/scripted-console.ts";
import { createReadScript, SHOP_LOG } from "../support/scripted-responses.ts";

const LOGS_INDEX = "logs-30d-2026.11.28";
const INCOMPLETE = { failedShards: 1, indices: [LOGS_INDEX] };
const BANNER = "Logs of 28 Nov 2026 (UTC) may be missing.";
const UNAVAILABLE = { status: 503, body: { reason: "store_unavailable", detail: "OpenSearch is unavailable." } };

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());
beforeEach(() => {
  scripted.script = createReadScript(INCOMPLETE);
});

/** Opens a page, runs the check and closes the page. */
const withPage = async (query: string, check: (page: Page) => Promise<void>): Promise<void> => {
  const page = await scripted.open(query);
  try {
    await check(page);
  } finally {
    await page.close();
  }
};

it.each([
  ["logs", "?from=all"],
  ["overview", "?view=overview"],
  ["errors", "?view=errors"],
  ["app", "?view=app&app=shop"],
  ["app list", "?view=app"],
  ["session", "?view=session&session=s-1"],
  ["rejected", "?view=rejected"],
])("the page %s names the day whose logs may be missing, and the index", async (_name, query) => {
  await withPage(query, async (page) => {
    const banner = page.getByRole("status").filter({ hasText: BANNER });
    await banner.waitFor();
    await banner.getByText("Unavailable storage: 1 index").click();
    expect(await banner.getByRole("listitem").allInnerTexts()).toEqual([LOGS_INDEX]);
  });
});

it.each([
  ["logs", "?from=all", "payment declined"],
  ["overview", "?view=overview", "payment declined"],
])("the page %s has no banner when all responses are complete", async (_name, query, text) => {
  scripted.script = createReadScript();
  await withPage(query, async (page) => {
    await page.getByText(text).first().waitFor();
    expect(await page.getByText("may be missing").count()).toBe(0);
  });
});

it("the log list shows its logs below the banner, and removes the banner once the storage is available", async () => {
  await withPage("?from=all", async (page) => {
    await page.getByText(BANNER).waitFor();
    await page.getByText("payment declined").first().waitFor();
    scripted.script = createReadScript();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("may be missing").waitFor({ state: "detached" });
    expect(await page.getByText("payment declined").first().isVisible()).toBe(true);
  });
});

it("a live log list removes the banner without a reload of the page", async () => {
  await withPage("?from=all", async (page) => {
    await page.getByText(BANNER).waitFor();
    scripted.script = createReadScript();
    await expect(page.getByText("may be missing").waitFor({ state: "detached" })).resolves.toBeUndefined();
  });
});

it("a session page without its timeline shows the reason and the facts of the session", async () => {
  scripted.script = { ...createReadScript(INCOMPLETE), "/export": () => UNAVAILABLE };
  await withPage("?view=session&session=s-1", async (page) => {
    await page.getByRole("alert").getByText("OpenSearch is unavailable.").waitFor();
    expect(await page.getByRole("status").filter({ hasText: BANNER }).innerText()).toContain(
      "The timeline and exports are unavailable until all logs are available.",
    );
  });
});

it("a session page whose facts failed retries them and keeps its timeline as it is", async () => {
  scripted.script = {
    ...createReadScript(),
    "/facets": () => ({ status: 403, body: { detail: "The facts are unavailable." } }),
  };
  await withPage("?view=session", async (page) => {
    let exports = 0;
    await page.route("**/export?**", (route) => {
      exports += 1;
      return route.fulfill({ body: `${JSON.stringify(SHOP_LOG)}\n` });
    });
    await page.goto(page.url().replace("?view=session", "?view=session&session=s-1"));
    const alert = page.getByRole("alert").filter({ hasText: "The facts are unavailable." });
    const logs = page.getByRole("list", { name: "Logs of the session" }).getByText("payment declined");
    await logs.waitFor();
    scripted.script = { ...scripted.script, "/facets": createReadScript()["/facets"] ?? (() => UNAVAILABLE) };
    await alert.getByRole("button", { name: "Try again" }).click();
    await alert.waitFor({ state: "detached" });
    expect(await logs.count()).toBe(1);
    expect(exports).toBe(1);
  });
});

it("an export that the storage prevents shows the reason", async () => {
  scripted.script = { ...createReadScript(INCOMPLETE), "/export": () => UNAVAILABLE };
  await withPage("?from=all", async (page) => {
    // Without a file picker the export is collected in memory.
    await page.evaluate(() => Reflect.deleteProperty(window, "showSaveFilePicker"));
    await page.getByText("Export", { exact: true }).click();
    await page.getByRole("button", { name: "NDJSON, full documents" }).click();
    const progress = page.getByRole("status").filter({ hasText: "logs exported so far" });
    expect(await progress.innerText()).toContain(
      "An export needs all logs and fails while part of the log storage is unavailable.",
    );
  });
});

it.each([
  [
    "several days, newest first",
    ["logs-7d-2026.11.27", "logs-30d-2026.11.28"],
    "Logs of 28 Nov 2026 and 27 Nov 2026 (UTC)",
  ],
  ["one day of two classes once", ["logs-7d-2026.11.28", "logs-30d-2026.11.28"], "Logs of 28 Nov 2026 (UTC)"],
  [
    "at most three days",
    ["logs-7d-2026.11.24", "logs-7d-2026.11.25", "logs-7d-2026.11.26", "logs-7d-2026.11.27", "logs-7d-2026.11.28"],
    "Logs of 28 Nov 2026, 27 Nov 2026, 26 Nov 2026, and 2 earlier days (UTC)",
  ],
  [
    "rejected payloads apart from logs",
    ["logs-7d-2026.11.28", "rejected-2026.11.28"],
    "Logs of 28 Nov 2026 (UTC) and rejected payloads of 28 Nov 2026 (UTC)",
  ],
  ["an index without a day", ["logs-7d-skewed"], "Logs with an implausible time"],
  ["logs without a time", ["logs-7d-undated"], "Logs without a time"],
  ["no known index", [], "Logs"],
])("describes %s", (_note, indices, text) => {
  expect(describeIncomplete(indices)).toBe(text);
});

it("merges the indices of several responses", () => {
  expect(mergeIncomplete([undefined, {}])).toBeUndefined();
  expect(
    mergeIncomplete([
      { incomplete: { failedShards: 1, indices: ["b"] } },
      {},
      { incomplete: { failedShards: 2, indices: ["a", "b"] } },
    ]),
  ).toEqual({ failedShards: 2, indices: ["a", "b"] });
});
