/** The console while a reader searches: hints, facets, help and the empty installation. The server's responses are scripted. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SEVERITIES } from "#contract/wire/severity.ts";
import { logRow, readUrlParams, searchBox } from "../support/logs-page.ts";
import { startScriptedConsole, type Script, type ScriptedConsole } from "../support/scripted-console.ts";
import { createReadScript, SHOP_LOG } from "../support/scripted-responses.ts";

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());
beforeEach(() => {
  scripted.script = createReadScript();
});

const withPage = async (query: string, check: (page: Page) => Promise<void>): Promise<void> => {
  const page = await scripted.open(query);
  try {
    await check(page);
  } finally {
    await page.evaluate(() => localStorage.clear());
    await page.close();
  }
};

/** Responses of the logs page with these logs. */
const withHits = (hits: readonly object[], total = hits.length): Script => ({
  ...createReadScript(),
  "/search": () => ({ body: { total, totalIsLowerBound: false, hits } }),
});

const EMPTY_HISTOGRAM = {
  intervalMs: 60_000,
  times: [0],
  counts: Object.fromEntries(SEVERITIES.map((severity) => [severity, [0]])),
  total: 0,
};

describe("E3: hints", () => {
  it("offers the corrected query as a click", async () => {
    await withPage("?from=all", async (page) => {
      await searchBox(page).fill("apple or cherry");
      await page
        .getByRole("list", { name: "Hints for the query" })
        .getByText("The operator is OR in capitals.")
        .waitFor();
      await page.getByRole("button", { name: "Search for apple OR cherry" }).click();
      await expect.poll(() => readUrlParams(page)["q"]).toBe("apple OR cherry");
      expect(await searchBox(page).inputValue()).toBe("apple OR cherry");
      await page.getByRole("list", { name: "Hints for the query" }).waitFor({ state: "hidden" });
    });
  });

  it("offers a correction for a syntax error, and for an error of the server", async () => {
    scripted.script = {
      ...createReadScript(),
      "/search": (params) =>
        params.get("q") === "status:5xx"
          ? { status: 400, body: { detail: "status is a number.", field: "q", suggestion: "status:500..599" } }
          : { body: { total: 0, totalIsLowerBound: false, hits: [] } },
    };
    await withPage("?from=all", async (page) => {
      await searchBox(page).fill('"payment failed');
      await page.getByRole("button", { name: 'Search for "payment failed"' }).click();
      await expect.poll(() => readUrlParams(page)["q"]).toBe('"payment failed"');
      await searchBox(page).fill("status:5xx");
      await page.getByRole("button", { name: "Search for status:500..599" }).click();
      await expect.poll(() => readUrlParams(page)["q"]).toBe("status:500..599");
    });
  });

  it("explains the empty list of a link with a syntax error", async () => {
    await withPage("?from=all&q=level:", async (page) => {
      await page.getByRole("heading", { name: "The query is not valid" }).waitFor();
      await searchBox(page).fill("level:error");
      await expect(logRow(page, "payment declined").waitFor()).resolves.toBeUndefined();
    });
  });

  it("offers to search for the text when a pasted text was read as a field and nothing is found", async () => {
    const hint = { kind: "unknown_field", message: "Quote it.", offset: 0, length: 14, suggestion: '"localhost:8080"' };
    const body = { total: 0, totalIsLowerBound: false, hits: [], hints: [hint] };
    scripted.script = { ...createReadScript(), "/search": () => ({ body }) };
    await withPage("?from=all&q=localhost:8080", async (page) => {
      const button = page.getByRole("button", { name: 'Search for "localhost:8080"' });
      expect(await button.evaluate((element) => getComputedStyle(element).whiteSpace)).toBe("normal");
      await button.click();
      await expect.poll(() => readUrlParams(page)["q"]).toBe('"localhost:8080"');
    });
  });
});

describe("E9: the reader's days", () => {
  it("charts are requested in the time zone in which times are shown", async () => {
    scripted.script = { ...withHits([SHOP_LOG]), "/histogram": () => ({ body: EMPTY_HISTOGRAM }) };
    await withPage("?from=all", async (page) => {
      await logRow(page, "payment declined").waitFor();
      const zone = await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
      const zones = (): readonly string[] =>
        scripted.requests
          .filter((path) => path.startsWith("/histogram"))
          .map((path) => new URL(path, "http://localhost").searchParams.get("timeZone") ?? "");
      await expect.poll(() => zones().at(-1)).toBe(zone);
    });
  });
});

describe("E11: searching", () => {
  const facetValues = (field: string, values: readonly string[]): object => ({
    field,
    kind: "keyword",
    values: values.map((value) => ({ value, count: 1, errors: 0 })),
    other: 0,
    missing: 0,
  });

  it("several values of a facet can be chosen, and the others stay listed", async () => {
    scripted.script = {
      ...withHits([SHOP_LOG]),
      // As the server does: a query for one service has one service.
      "/facets": (params) => ({
        body: {
          total: 3,
          facets: params
            .getAll("field")
            .map((field) =>
              facetValues(
                field,
                field === "service" && !params.get("q")?.includes("service:") ? ["api", "shop", "web"] : ["x"],
              ),
            ),
        },
      }),
    };
    await withPage("?from=all", async (page) => {
      const services = page.locator("details.facet").filter({ hasText: "Service" });
      await services.getByRole("button", { name: "api" }).first().click();
      await services.getByRole("button", { name: "web" }).first().click();
      await expect.poll(() => readUrlParams(page)["q"]).toBe("service:api OR service:web");
      await services.getByRole("button", { name: "api" }).first().click();
      await expect.poll(() => readUrlParams(page)["q"]).toBe("service:web");
    });
  });

  it("the App column depends on the token, and not on the rows", async () => {
    const reader = { apps: ["shop", "web"].map((id) => ({ id, tail: [] })), canAlert: false };
    scripted.script = { ...withHits([SHOP_LOG]), "/reader": () => ({ body: reader }) };
    await withPage("?from=all", async (page) => {
      await page.getByRole("columnheader", { name: "App" }).waitFor();
      expect(await page.locator(".log .log-app").allInnerTexts()).toEqual(["shop"]);
    });
  });

  it("the last result stays while the name of a field is typed", async () => {
    scripted.script = {
      ...createReadScript(),
      "/fields": () => ({ body: { fields: [{ name: "service", kind: "keyword", aliases: [], isAttribute: false }] } }),
      "/search": (params) => {
        const hits = params.has("q") ? [] : [SHOP_LOG];
        return { body: { total: hits.length, totalIsLowerBound: false, hits } };
      },
    };
    await withPage("?from=all", async (page) => {
      await logRow(page, "payment declined").waitFor();
      await searchBox(page).pressSequentially("serv");
      await page.getByRole("option", { name: /^service/ }).waitFor();
      await expect.poll(() => readUrlParams(page)["q"]).toBe("serv");
      await page.locator(".log-scroller[data-stale=true]").waitFor();
      expect(await logRow(page, "payment declined").isVisible()).toBe(true);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: /No matching logs/ }).waitFor();
    });
  });

  it("Back and Forward keep the query of a page that is left with the focus in the search box", async () => {
    await withPage("?view=errors&q=level:error", async (page) => {
      await page.getByRole("link", { name: "Logs", exact: true }).click();
      await logRow(page, "payment declined").waitFor();
      await page.keyboard.press("/");
      await page.goBack();
      await page.getByRole("heading", { name: "Errors", level: 1 }).waitFor();
      expect(readUrlParams(page)).toEqual({ view: "errors", q: "level:error" });
      await page.goForward();
      await logRow(page, "payment declined").waitFor();
      expect(readUrlParams(page)).toEqual({ q: "level:error" });
      expect(await searchBox(page).inputValue()).toBe("level:error");
    });
  });

  it("a text that is too long is not cut, and the reader learns why it is not searched for", async () => {
    await withPage("?from=all", async (page) => {
      await searchBox(page).fill("x".repeat(1_500));
      await page.getByRole("alert").filter({ hasText: "1,500 characters" }).waitFor();
      expect(await searchBox(page).inputValue()).toHaveLength(1_500);
      expect(readUrlParams(page)["q"]).toBeUndefined();
    });
  });

  it("on a phone, extra columns are within the page and do not cover the message", async () => {
    scripted.script = withHits([SHOP_LOG]);
    await withPage("?from=all&columns=service,version,env,user.id,session.id,path,status,duration", async (page) => {
      await page.setViewportSize({ width: 390, height: 844 });
      const row = logRow(page, "payment declined");
      await row.waitFor();
      const boxOf = async (
        selector: string,
      ): Promise<{ readonly top: number; readonly bottom: number; readonly right: number }> => {
        const box = await row.locator(selector).boundingBox();
        if (box === null) throw new Error(`${selector} is not shown`);
        return { top: box.y, bottom: box.y + box.height, right: box.x + box.width };
      };
      const [time, cells, body, whole] = [
        await boxOf(".log-time"),
        await boxOf(".log-cells"),
        await boxOf(".log-body"),
        await row.boundingBox(),
      ];
      expect(time.bottom).toBeLessThanOrEqual(cells.top + 1);
      expect(cells.bottom).toBeLessThanOrEqual(body.top + 1);
      expect(body.bottom).toBeLessThanOrEqual((whole?.y ?? 0) + (whole?.height ?? 0) + 1);
      expect(cells.right).toBeLessThanOrEqual(391);
    });
  });
});

it("E11: on a phone, the bar above the list is one row", async () => {
  scripted.script = {
    ...withHits([SHOP_LOG], 10_000),
    "/histogram": () => ({ body: { ...EMPTY_HISTOGRAM, total: 1_234_567 } }),
  };
  await withPage("?from=all", async (page) => {
    await page.setViewportSize({ width: 390, height: 844 });
    const bar = page.locator(".logs-bar");
    await bar.getByText("1,234,567 logs").waitFor();
    const boxes = await Promise.all((await bar.locator(":scope > *").all()).map((child) => child.boundingBox()));
    const shown = boxes.filter((box) => box !== null && box.width > 0 && box.height > 0);
    expect(shown.length).toBeGreaterThan(4);
    const lowestTop = Math.max(...shown.map((box) => box?.y ?? 0));
    const highestBottom = Math.min(...shown.map((box) => (box?.y ?? 0) + (box?.height ?? 0)));
    expect(lowestTop).toBeLessThan(highestBottom);
    expect(Math.max(...shown.map((box) => (box?.x ?? 0) + (box?.width ?? 0)))).toBeLessThanOrEqual(390);
  });
});

it("the bar above the list shows the exact number of logs, also if the first page reported more", async () => {
  scripted.script = {
    ...withHits([SHOP_LOG], 5),
    "/histogram": () => ({ body: { ...EMPTY_HISTOGRAM, total: 3 } }),
  };
  await withPage("?from=all", async (page) => {
    await expect(page.locator(".logs-bar").getByText("3 logs").waitFor()).resolves.toBeUndefined();
  });
});

it("a chart that cannot be loaded shows the reason, and the number of logs is marked as a lower bound", async () => {
  scripted.script = {
    ...createReadScript(),
    "/search": () => ({ body: { total: 10_000, totalIsLowerBound: true, hits: [SHOP_LOG] } }),
    "/histogram": () => ({ status: 403, body: { detail: "The histogram is forbidden." } }),
  };
  await withPage("?from=all", async (page) => {
    const chart = page.getByRole("figure", { name: "Logs by severity over time" });
    await chart.getByText("The chart could not be updated. The histogram is forbidden.").waitFor();
    await page.locator(".logs-bar").getByText("10,000+ logs").waitFor();
    scripted.script = { ...scripted.script, "/histogram": () => ({ body: { ...EMPTY_HISTOGRAM, total: 12_345 } }) };
    await chart.getByRole("button", { name: "Try again" }).click();
    await page.locator(".logs-bar").getByText("12,345 logs").waitFor();
    expect(await chart.getByRole("button", { name: "Try again" }).count()).toBe(0);
  });
});

it("E13: ? shows examples of queries that can be clicked", async () => {
  await withPage("?from=all", async (page) => {
    await page.getByRole("button", { name: "Help" }).waitFor();
    await page.keyboard.press("?");
    const dialog = page.getByRole("dialog", { name: "Help" });
    await dialog.getByText("Keyboard shortcuts").waitFor();
    await dialog.getByRole("button", { name: "level:>=warn" }).click();
    await dialog.waitFor({ state: "hidden" });
    await expect.poll(() => readUrlParams(page)["q"]).toBe("level:>=warn");
  });
});

describe("E14: an empty installation", () => {
  const reader = (id: string): Script => ({
    "/reader": () => ({ body: { apps: [{ id, tail: [] }], canAlert: false } }),
    "/demo/config.json": () => ({ body: { app: "demo", key: "elk_demo" } }),
    "/overview": (...request) => ({
      body: { ...(createReadScript()["/overview"]?.(...request).body as object), total: 0 },
    }),
  });

  it("shows how to send a log, with the key of the demo app if the token can read it, until the first log arrives", async () => {
    scripted.script = { ...withHits([], 0), ...reader("demo") };
    await withPage("?from=all", async (page) => {
      const curl = page.getByText(/curl http.*-u 'demo:elk_demo/);
      await curl.waitFor();
      for (const title of ["Terminal", "Browser", "Phone, over MQTT"])
        await page.getByRole("heading", { name: title }).waitFor();
      await page.getByRole("link", { name: "demo page" }).waitFor();
      await page.getByRole("link", { name: "Overview" }).click();
      expect(await page.getByRole("link", { name: "Open the demo" }).getAttribute("href")).toBe("/demo/");
      await page.getByRole("link", { name: "Logs", exact: true }).click();
      scripted.script = { ...withHits([SHOP_LOG]), ...reader("demo") };
      await logRow(page, "payment declined").waitFor();
      await expect.poll(() => curl.count()).toBe(0);
    });
  });

  it("does not lead to the demo when the token cannot read it", async () => {
    scripted.script = { ...withHits([], 0), ...reader("shop") };
    await withPage("?from=all", async (page) => {
      await page.getByText("-u 'shop:KEY'").waitFor();
      expect(await page.getByRole("link", { name: "demo page" }).count()).toBe(0);
      await page.getByRole("link", { name: "Overview" }).click();
      await page.getByRole("link", { name: "How to send logs" }).waitFor();
      expect(await page.getByRole("link", { name: "Open the demo" }).count()).toBe(0);
    });
  });
});
