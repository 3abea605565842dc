/** The console's log view in Chromium, with a real OpenSearch and workerd: search, list and export. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBreakingProxy } from "../support/breaking-proxy.ts";
import { FILLERS, storeLogs } from "../support/logs-data.ts";
import { facetPanel, logList, readUrlParams, logRow, searchBox, waitForCount } from "../support/logs-page.ts";
import { startConsole, type ConsoleFixture } from "../support/console-page.ts";

const ALL = FILLERS + 5;

let fixture: ConsoleFixture;
beforeAll(async () => {
  fixture = await startConsole({ readers: { reader: { apps: ["shop"] }, archivist: { apps: ["archive"] } } });
  await storeLogs(fixture.stack);
});
afterAll(async () => {
  await fixture?.[Symbol.asyncDispose]();
});

describe("searching and filtering", () => {
  it("finds logs by words and highlights the matches", async () => {
    await using view = await fixture.open("");
    const { page } = view;
    await waitForCount(page, ALL);
    await searchBox(page).fill("payment declined");
    await waitForCount(page, 1);
    expect(await logList(page).locator("mark").allInnerTexts()).toEqual(["payment", "declined", "declined"]);
    expect(readUrlParams(page)).toEqual({ q: "payment declined" });
  });

  it("includes and excludes facet values, and Back undoes it", async () => {
    await using view = await fixture.open("");
    const { page } = view;
    await facetPanel(page)
      .getByRole("button", { name: /^error/ })
      .click();
    await waitForCount(page, 1);
    expect(readUrlParams(page)["q"]).toBe("level:error");
    // The values of this query, all of which have an exception: those of all logs would move while they are clicked.
    await facetPanel(page).getByText("Exception").waitFor();
    await expect
      .poll(() =>
        facetPanel(page)
          .getByText(/without this field/)
          .count(),
      )
      .toBe(0);
    await facetPanel(page).getByRole("button", { name: "Exclude PaymentError" }).click();
    await page.getByRole("heading", { name: /^No matching logs/ }).waitFor();
    expect(readUrlParams(page)["q"]).toBe("level:error -type:PaymentError");
    await page.goBack();
    await page.goBack();
    await waitForCount(page, ALL);
    expect(readUrlParams(page)).toEqual({});
    await facetPanel(page)
      .getByRole("button", { name: /^debug/ })
      .click({ modifiers: ["Alt"] });
    await waitForCount(page, ALL - 1 - FILLERS / 10);
    expect(readUrlParams(page)["q"]).toBe("-level:debug");
  });

  it("shows a facet for any field, with statistics for numbers", async () => {
    await using view = await fixture.open("");
    const { page } = view;
    await facetPanel(page).getByRole("combobox", { name: "Add a field" }).fill("cart.items");
    await facetPanel(page).getByRole("button", { name: "Add" }).click();
    await facetPanel(page).getByText("max 10").waitFor();
    await page.reload();
    await facetPanel(page).getByRole("button", { name: /^10/ }).click();
    await waitForCount(page, 1);
    expect(readUrlParams(page)["q"]).toBe("cart.items:10");
  });

  it("marks percentiles of a sample as approximate", async () => {
    await using view = await fixture.open("");
    const { page } = view;
    const numbers = { count: 9, min: 1, max: 10, avg: 5, p50: 5.496, p95: 9.559, p99: 10, isSampled: true };
    const facet = { field: "latency", values: [{ value: "1", count: 9, errors: 0 }], other: 0, missing: 0, numbers };
    await page.route("**/facets?**", (route) => route.fulfill({ json: { total: 9, facets: [facet] } }));
    await page.getByLabel("Add a field").fill("latency");
    await page.keyboard.press("Enter");
    await page.getByText("p50 ≈ 5.496").waitFor();
    const group = page.locator(".facet", { hasText: "latency" });
    expect(await group.locator(".facet-numbers").innerText()).toMatch(/^min 1\s+p50 ≈ 5.496\s+p95 ≈ 9.559\s+max 10$/);
  });

  it("narrows the time range when dragging across the chart", async () => {
    await using view = await fixture.open("");
    const { page } = view;
    await waitForCount(page, ALL);
    const box = await page.locator(".severity-chart .u-over").boundingBox();
    if (box === null) throw new Error("the chart is not visible");
    await page.mouse.move(box.x + box.width * 0.6, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, box.y + 30, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=\d+&to=\d+/);
    const { from, to } = readUrlParams(page);
    const hours = (Number(to) - Number(from)) / 3_600_000;
    expect(hours).toBeGreaterThan(4);
    expect(hours).toBeLessThan(6.1);
    const { total } = await fixture.stack.read<{ total: number }>(`/histogram?from=${from}&to=${to}`);
    await waitForCount(page, total);
  });

  it("applies a custom time range in the selected time zone", async () => {
    await using view = await fixture.open("");
    const { page } = view;
    await waitForCount(page, ALL);
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setTimezoneOverride", { timezoneId: "Asia/Kolkata" });
    await page.reload();
    const time = page.getByRole("combobox", { name: "Time", exact: true });
    await time.selectOption("Custom range…");
    const dialog = page.getByRole("dialog", { name: "Time range" });
    const fromMs = Math.floor(Date.now() / 60_000 - 20) * 60_000 + 7_000;
    const inKolkata = new Date(fromMs + 5.5 * 3_600_000).toISOString().slice(0, 19);
    await dialog.getByLabel("From").fill(inKolkata);
    await dialog.getByLabel("To").fill("");
    await dialog.getByRole("button", { name: "Apply" }).click();
    await waitForCount(page, ALL - FILLERS);
    expect(readUrlParams(page)).toEqual({ from: String(fromMs) });
    const selected = (): Promise<string> => time.locator("option:checked").innerText();
    expect(await selected()).toMatch(new RegExp(`^Since \\d\\d \\w+, ${inKolkata.slice(11)}$`));

    await page.locator("summary", { hasText: "Local time" }).click();
    await page.getByRole("radio", { name: "UTC", exact: true }).check();
    const inUtc = new Date(fromMs).toISOString().slice(11, 19);
    await expect.poll(selected).toMatch(new RegExp(`${inUtc} \\(UTC\\)$`));
    await page.goBack();
    await waitForCount(page, ALL);
    await page.evaluate(() => localStorage.clear());
  });

  it("formats a time range as short as possible", async () => {
    const year = new Date().getFullYear();
    await using view = await fixture.open("");
    const { page } = view;
    const selected = page.getByRole("combobox", { name: "Time", exact: true }).locator("option:checked");
    const shows = async (from: Date, to: Date, text: string): Promise<void> => {
      await page.goto(`${fixture.stack.worker.url}/console/?from=${from.toISOString()}&to=${to.toISOString()}`);
      await expect.poll(() => selected.innerText()).toBe(text);
    };
    const from = new Date(year, 0, 2, 8);
    await shows(from, new Date(year, 0, 2, 9, 30, 5), "02 Jan, 08:00 – 09:30:05");
    await shows(from, new Date(year, 0, 3, 9, 30, 5), "02 Jan, 08:00 – 03 Jan, 09:30:05");
    const lastYear = new Date(year - 1, 0, 2, 8);
    await shows(lastYear, new Date(year, 0, 3, 9, 30, 5), `02 Jan ${year - 1}, 08:00 – 03 Jan, 09:30:05`);
  });

  it("shows an invalid time from the URL unchanged", async () => {
    const invalid = "9".repeat(21);
    await using view = await fixture.open(`?from=${invalid}`);
    const { page, errors } = view;
    const time = page.getByRole("combobox", { name: "Time", exact: true });
    await expect.poll(() => time.locator("option:checked").innerText()).toBe(`Since ${invalid}`);
    await time.selectOption("Custom range…");
    expect(await page.getByRole("dialog", { name: "Time range" }).getByLabel("From").inputValue()).toBe("");
    expect(errors).toEqual([]);
  });
});

describe("the log list", () => {
  it("scrolls to the oldest log, with only visible rows in the document", async () => {
    await using view = await fixture.open("");
    const { page } = view;
    const oldest = logRow(page, `filler ${FILLERS - 1}`);
    await logRow(page, "filler 0").waitFor();
    await expect
      .poll(
        async () => {
          await logList(page).evaluate((element) => element.scrollTo(0, element.scrollHeight));
          return await oldest.isVisible();
        },
        { timeout: 30_000 },
      )
      .toBe(true);
    expect(await logList(page).getAttribute("aria-rowcount")).toBe(String(ALL + 1));
    expect(await oldest.getAttribute("aria-rowindex")).toBe(String(ALL + 1));
    expect(await logList(page).getByRole("row").count()).toBeLessThan(100);
  });

  it("shows the selected columns and stores them in the URL", async () => {
    await using view = await fixture.open("?q=payment");
    const { page } = view;
    await page.locator("summary", { hasText: "Columns" }).click();
    await page.getByRole("checkbox", { name: "user.id" }).check();
    const menu = page.locator("details", { hasText: "Columns" });
    await menu.getByRole("combobox", { name: "Add a column" }).fill("cart.items");
    await menu.getByRole("button", { name: "Add" }).click();
    await menu.getByRole("combobox", { name: "Add a column" }).fill("cart,total");
    await menu.getByRole("button", { name: "Add" }).click();
    await expect.poll(() => readUrlParams(page)["columns"]).toBe(String.raw`user.id,cart.items,cart\,total`);
    await page.reload();
    await page.getByRole("button", { name: "Remove column cart,total" }).click();
    await logRow(page, "payment").waitFor();
    expect(await logRow(page, "payment").getByRole("gridcell").allInnerTexts()).toEqual(
      expect.arrayContaining(["u-7", "10"]),
    );
    await page.getByRole("button", { name: "Remove column user.id" }).click();
    expect(readUrlParams(page)["columns"]).toBe("cart.items");
  });

  it("shows the exception next to the message unless the message contains it", async () => {
    await using view = await fixture.open("?q=declined");
    await logRow(view.page, "Checkout failed: payment declined")
      .getByText("PaymentError: order 17 was declined")
      .waitFor();
    await using captured = await fixture.open("?from=now-7d&q=undefined", "archivist");
    const line = logRow(captured.page, "TypeError: x is undefined");
    await line.waitFor();
    expect((await line.innerText()).match(/undefined/g)).toHaveLength(1);
  });

  it("shows times in UTC or relative, and remembers the choice", async () => {
    await using view = await fixture.open("");
    const { page } = view;
    await page.locator("summary", { hasText: "Local time" }).click();
    await page.getByRole("radio", { name: "UTC", exact: true }).check();
    await page.getByRole("columnheader", { name: "Time (UTC)" }).waitFor();
    await page.reload();
    await page.getByRole("columnheader", { name: "Time (UTC)" }).waitFor();
    await page.locator("summary", { hasText: "UTC" }).click();
    await page.getByRole("checkbox", { name: "Relative times" }).check();
    await logRow(page, "payment declined").getByText("min. ago").waitFor();
    expect(await logRow(page, "payment declined").locator("time").getAttribute("title")).toContain("UTC");
    await page.evaluate(() => localStorage.clear());
  });

  it("offers to search all time when the time range has no logs", async () => {
    await using view = await fixture.open("", "archivist");
    const { page } = view;
    await page.getByRole("heading", { name: "No logs in the last 24 hours" }).waitFor();
    await page.getByRole("button", { name: "Search all time: 2 logs" }).click();
    await logRow(page, "from another day").waitFor();
    expect(readUrlParams(page)).toEqual({ from: "all" });
  });

  it("keeps its rows while the server is unreachable, and recovers afterwards", async () => {
    await using view = await fixture.open("");
    const { page } = view;
    await logRow(page, "payment declined").waitFor();
    await page.route("**/search?**", (route) => route.abort());
    await page.getByRole("alert").filter({ hasText: "The server is unreachable." }).waitFor();
    expect(await logRow(page, "payment declined").isVisible()).toBe(true);
    await page.unroute("**/search?**");
    await page.getByRole("alert").waitFor({ state: "hidden", timeout: 20_000 });
  });
});

describe("export", () => {
  it.each(["NDJSON", "CSV", "Text"])("downloads all logs as %s although the connection breaks", async (format) => {
    let breaks = 2;
    await using proxy = await startBreakingProxy(fixture.stack.worker.url, (path) =>
      path.startsWith("/export") && breaks-- > 0 ? 40_001 : undefined,
    );
    const page = await fixture.browser.context.newPage();
    // A test cannot use the system's file dialog: make the page download instead.
    await page.addInitScript(() => Reflect.deleteProperty(window, "showSaveFilePicker"));
    await page.goto(`${proxy.url}/console/?q=-long#token=${fixture.stack.tokens["reader"]}`);
    await page.locator("summary", { hasText: "Export" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: new RegExp(`^${format}`) }).click();
    const saved = await readFile(await (await download).path(), "utf8");
    await page.getByText(`Exported: ${(ALL - 1).toLocaleString("en")} logs`).waitFor();
    expect(proxy.broken).toHaveLength(2);
    const expected = await fixture.stack.request(
      `/export?q=-long&from=now-24h&format=${format.toLowerCase()}`,
      "reader",
    );
    // `text()` would remove the byte order mark of a CSV.
    expect(saved === Buffer.from(await expected.arrayBuffer()).toString()).toBe(true);
    await page.close();
  });
});
