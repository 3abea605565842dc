/**
 * Runs axe in every view of the console, with data and expanded details, in light and dark: no serious or critical
 * violations.
 */
import axe, { type AxeResults, type RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { storeDashboardData, storeEverySeverity } from "../support/dashboard-data.ts";
import { waitUntilLoaded } from "../support/dashboard-page.ts";
import { startConsole, type ConsoleFixture } from "../support/console-page.ts";

let fixture: ConsoleFixture;

beforeAll(async () => {
  fixture = await startConsole({
    readers: {
      reader: { apps: ["shop"], canAlert: true },
      operator: { apps: ["shop"], canMonitor: true },
      newcomer: { apps: ["empty"] },
      levels: { apps: ["levels"] },
    },
    env: { ALLOW_PRIVATE_WEBHOOKS: "true" },
  });
  await storeDashboardData(fixture.stack);
  await storeEverySeverity(fixture.stack);
  const rule = { name: "errors", apps: ["shop"], q: "level:error", threshold: 1, windowMinutes: 60 };
  await fixture.stack.request("/alerts", "reader", {
    method: "POST",
    body: JSON.stringify({ ...rule, webhookUrl: "http://127.0.0.1:9/" }),
  });
  await fixture.stack.request("/cdn-cgi/local/scheduled?cron=*+*+*+*+*");
});
afterAll(async () => {
  await fixture?.[Symbol.asyncDispose]();
});

/** Of a rule that passes, axe describes one element instead of all, which takes less CPU time. */
const OPTIONS: RunOptions = { resultTypes: ["violations", "incomplete"] };

/** Serious and critical violations with their elements. `evaluate` is not subject to the page's Content-Security-Policy. */
const findViolations = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe.source);
  const { violations, incomplete, passes } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(OPTIONS)})`);
  // An empty page would have no violations.
  expect(passes.length).toBeGreaterThan(10);
  // axe cannot judge text in the colour of its background, and reports it as incomplete.
  const hidden = incomplete.filter(({ nodes }) =>
    nodes.some(({ any }) =>
      any.some(({ data }) => (data as { messageKey?: string } | null)?.messageKey === "equalRatio"),
    ),
  );
  return [...violations, ...hidden]
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
};

interface View {
  readonly name: string;
  readonly query: string;
  readonly reader?: string;
  /** Waits for the content of the view, and expands details. */
  readonly open: (page: Page) => Promise<void>;
}

const waitForText =
  (text: string) =>
  (page: Page): Promise<void> =>
    page.locator("main").getByText(text).first().waitFor();

const VIEWS: readonly View[] = [
  { name: "logs", query: "", open: waitForText("step 1") },
  { name: "logs of every severity", query: "", reader: "levels", open: waitForText("a fatal log") },
  { name: "fatal logs", query: "?q=level:fatal", reader: "levels", open: waitForText("a fatal log") },
  { name: "status", query: "?view=status", reader: "operator", open: waitForText("Relays") },
  {
    name: "error panels of every severity",
    query: "?view=overview",
    reader: "levels",
    open: waitForText("a fatal log"),
  },
  {
    name: "log detail",
    query: "?q=level:error",
    async open(page) {
      await page.getByText("checkout failed").first().click();
      await page.getByText("at cartTotal").first().waitFor();
    },
  },
  { name: "overview", query: "?view=overview", open: waitForText("TypeError: price is undefined") },
  {
    name: "errors with an expanded group",
    query: "?view=errors",
    async open(page) {
      await page.getByRole("link", { name: "TypeError: price is undefined" }).click();
      await page.getByText("at cartTotal").waitFor();
    },
  },
  { name: "app", query: "?view=app&app=shop", open: waitForText("99th percentile") },
  { name: "app list", query: "?view=app", open: waitForText("Select an app") },
  { name: "session", query: "?view=session&session=s-1", open: waitForText("no logs for 5 min") },
  { name: "unknown session", query: "?view=session&session=none", open: waitForText("No logs for this session") },
  {
    name: "rejected with an expanded payload",
    query: "?view=rejected",
    async open(page) {
      await page.locator(".rejected summary").first().click();
      await page.getByLabel("Payload").first().waitFor();
    },
  },
  { name: "alerts", query: "?view=alerts", open: waitForText("1 or more in 1 h") },
  {
    name: "alert form with validation errors",
    query: "?view=alerts&app=shop",
    async open(page) {
      await page.getByRole("button", { name: "New alert" }).click();
      await page.getByText(/the alert would/).waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      await page.locator(".alert-form").getByRole("alert").first().waitFor();
    },
  },
  {
    name: "dialog to silence an alert",
    query: "?view=alerts",
    async open(page) {
      await page.getByRole("button", { name: "Silence" }).click();
      await page.getByText("8 hours").waitFor();
    },
  },
  {
    name: "overview without logs",
    query: "?view=overview&from=all",
    reader: "newcomer",
    open: waitForText("No logs received yet"),
  },
  { name: "invalid query", query: `?view=errors&q=${encodeURIComponent("level:")}`, open: waitForText("level") },
];

it.each(VIEWS)("$name has no serious violation in light or dark", async ({ query, reader, open }) => {
  await using opened = await fixture.open(query, reader);
  const { page } = opened;
  await open(page);
  // Reloading panels are dimmed for a moment.
  await waitUntilLoaded(page);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  expect(await findViolations(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  expect(await findViolations(page)).toEqual([]);
});

it("the sign-in form has no serious violation", async () => {
  const page = await fixture.browser.context.newPage();
  await page.goto(`${fixture.stack.worker.url}/console/`);
  // The other pages of this browser have signed in.
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await page.getByLabel("Reader token").waitFor();
  expect(await findViolations(page)).toEqual([]);
  await page.close();
});
