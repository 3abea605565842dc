/** Times in the console. The server's responses are scripted. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { toTimeLabels } from "../../web-client/console/lib/chart.ts";
import { logList, logRow, readUrlParams } from "../support/logs-page.ts";
import { startScriptedConsole, type ScriptedConsole } from "../support/scripted-console.ts";
import { createReadScript, SHOP_LOG } from "../support/scripted-responses.ts";

const YEAR = new Date().getUTCFullYear();

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());
beforeEach(() => {
  scripted.script = createReadScript();
});

const openInUtc = async (query: string): Promise<Page> => {
  const page = await scripted.open(query);
  await page.evaluate(() => localStorage.setItem("edgelog.timeZone", "utc"));
  await page.reload();
  return page;
};

it("times of another year have the year, in the list and in the chart", async () => {
  const times = [YEAR, YEAR - 1].map((year) => `${year}-03-03T08:00:00.000Z`);
  const hits = times.map((time, index) => ({
    id: `01901d3e-7a00-7000-8000-00000000000${index}`,
    document: { ...SHOP_LOG.document, "@timestamp": time, body: `log ${index}` },
  }));
  const script = createReadScript();
  const histogram = script["/histogram"]?.(new URLSearchParams(), "").body as object;
  scripted.script = {
    ...script,
    "/search": () => ({ body: { total: 2, totalIsLowerBound: false, hits } }),
    "/histogram": () => ({ body: { ...histogram, times: [Date.parse(times[1] ?? "")] } }),
  };
  const page = await openInUtc("?from=all");
  await logRow(page, "log 1").waitFor();
  const shown = logList(page).locator("time");
  expect(await shown.allInnerTexts()).toEqual(["03 Mar, 08:00:00.000", `03 Mar ${YEAR - 1}, 08:00:00.000`]);
  const isCut = await shown
    .nth(1)
    .evaluate(({ parentElement: cell }) => cell !== null && cell.scrollWidth > cell.clientWidth);
  expect(isCut).toBe(false);
  await page.getByRole("rowheader", { name: `03 Mar ${YEAR - 1}, 08:00:00.000` }).waitFor({ state: "attached" });
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

it("the labels of a time axis have the year if it is not the current one", () => {
  const noon = Date.parse(`${YEAR - 1}-06-15T12:00:00Z`);
  expect(toTimeLabels([noon, noon + 86_400_000], 86_400_000)).toEqual([`15 Jun ${YEAR - 1}`, `16 Jun ${YEAR - 1}`]);
});

it("the range dialog keeps the milliseconds of a time that is not edited", async () => {
  const from = Date.parse(`${YEAR}-03-03T08:00:00.250Z`);
  const to = Date.parse(`${YEAR}-03-03T08:00:10.750Z`);
  const page = await openInUtc(`?from=${from}&to=${to}`);
  const dialog = page.getByRole("dialog", { name: "Time range" });
  const apply = async (edit?: string): Promise<void> => {
    await page.getByRole("combobox", { name: "Time", exact: true }).selectOption("Custom range…");
    if (edit !== undefined) await dialog.getByLabel("From").fill(edit);
    await dialog.getByRole("button", { name: "Apply" }).click();
    await dialog.waitFor({ state: "detached" });
  };
  await apply();
  expect(readUrlParams(page)).toEqual({ from: String(from), to: String(to) });
  await apply(`${YEAR}-03-03T08:00:05`);
  expect(readUrlParams(page)).toEqual({ from: String(from + 4_750), to: String(to) });
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

it("the range dialog includes both hours of a repeated hour", async () => {
  const page = await scripted.open("?from=all");
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setTimezoneOverride", { timezoneId: "America/Santiago" });
  const select = page.getByRole("combobox", { name: "Time", exact: true });
  for (const [from, to, expected] of [
    // The clocks are set back from midnight to 23:00.
    ["2026-04-04T23:00", "2026-04-04T23:59:59", ["2026-04-05T02:00:00Z", "2026-04-05T03:59:59Z"]],
    ["2026-04-04T22:30", "2026-04-04T22:59", ["2026-04-05T01:30:00Z", "2026-04-05T01:59:00Z"]],
    ["2026-04-05T00:00", "2026-04-05T00:01", ["2026-04-05T04:00:00Z", "2026-04-05T04:01:00Z"]],
    // They are set forward from midnight to 01:00.
    ["2026-09-05T23:30", "2026-09-05T23:59", ["2026-09-06T03:30:00Z", "2026-09-06T03:59:00Z"]],
  ] as const) {
    await select.selectOption("Custom range…");
    const dialog = page.getByRole("dialog", { name: "Time range" });
    await dialog.getByLabel("From").fill(from);
    await dialog.getByLabel("To").fill(to);
    await dialog.getByRole("button", { name: "Apply" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(readUrlParams(page)).toEqual({
      from: String(Date.parse(expected[0])),
      to: String(Date.parse(expected[1])),
    });
  }
  await page.close();
});

it("an alert is silenced until a time in the selected time zone", async () => {
  const rule = {
    id: "r1",
    name: "Checkout fails",
    apps: ["shop"],
    q: "",
    condition: "at_least",
    threshold: 1,
    windowMinutes: 5,
    webhookUrl: "https://hooks.example/",
    isEnabled: true,
    state: { status: "firing" },
  };
  scripted.script = { ...createReadScript(), "/alerts": () => ({ body: { rules: [rule], canEdit: true } }) };
  const page = await scripted.open("?view=alerts");
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setTimezoneOverride", { timezoneId: "America/New_York" });
  const sent: unknown[] = [];
  await page.route("**/alerts/r1", (route) => {
    sent.push((route.request().postDataJSON() as { silencedUntil?: string }).silencedUntil);
    return route.fulfill({ json: rule });
  });
  for (const [zone, label, until] of [
    ["utc", "Until (UTC)", `${YEAR + 1}-01-05T14:00`],
    ["local", "Until (local time)", `${YEAR + 1}-01-05T14:00`],
    // This hour is repeated.
    ["local", "Until (local time)", "2037-11-01T01:30"],
  ] as const) {
    await page.evaluate((chosen) => localStorage.setItem("edgelog.timeZone", chosen), zone);
    await page.reload();
    await page.getByRole("button", { name: "Silence", exact: true }).click();
    await page.getByLabel(label).fill(until);
    await page.getByRole("button", { name: "Silence until this time" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  expect(sent).toEqual([
    `${YEAR + 1}-01-05T14:00:00.000Z`,
    `${YEAR + 1}-01-05T19:00:00.000Z`,
    "2037-11-01T06:30:00.000Z",
  ]);
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

it("the days of a chart in UTC begin at midnight in UTC, whatever the time zone of the browser", async () => {
  const times = Array.from({ length: 60 }, (_, i) => Date.parse("2026-11-01T00:00:00Z") + i * 43_200_000);
  const none = times.map(() => 1);
  const counts = { trace: none, debug: none, info: none, warn: none, error: none, fatal: none };
  const histogram = { intervalMs: 43_200_000, times, counts, total: 1 };
  scripted.script = { ...createReadScript(), "/histogram": () => ({ body: histogram }) };
  const page = await scripted.open("?from=all");
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setTimezoneOverride", { timezoneId: "Europe/Berlin" });
  await page.addInitScript(() => {
    localStorage.setItem("edgelog.timeZone", "utc");
    const { prototype } = CanvasRenderingContext2D;
    // oxlint-disable-next-line typescript/unbound-method -- called with its context below
    const fillText = prototype.fillText;
    prototype.fillText = function (text, x, y, ...rest) {
      document.body.dataset["labels"] = `${document.body.dataset["labels"] ?? ""}${text} ${Math.round(x)};`;
      fillText.call(this, text, x, y, ...rest);
    };
  });
  await page.reload();
  const readFirst = (): Promise<string | undefined> =>
    page.evaluate(() => document.body.dataset["labels"]?.split(";").find((label) => label.startsWith("01 Nov")));
  await expect.poll(readFirst).toBeDefined();
  // The axis of the counts is 44 px wide.
  const scale = await page.evaluate(() => devicePixelRatio);
  expect(Number((await readFirst())?.split(" ").at(-1)) / scale).toBeCloseTo(44, 0);
  await page.evaluate(() => localStorage.clear());
  await page.close();
});
