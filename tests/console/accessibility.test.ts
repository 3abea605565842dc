/**
 * axe in every view of the console, with data, with what opens open, light and dark: nothing serious keeps anybody from
 * reading it with a screen reader or a keyboard.
 */
import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { storeDashboardData } from "../support/dashboard-data.ts";
import { settle } from "../support/dashboard-page.ts";
import { startConsole, type ConsoleFixture } from "../support/console-page.ts";

let fixture: ConsoleFixture;

beforeAll(async () => {
  fixture = await startConsole({
    readers: { reader: { apps: ["shop"], canAlert: true }, nobody: { apps: ["empty"] } },
    env: { ALLOW_PRIVATE_WEBHOOKS: "true" },
  });
  await storeDashboardData(fixture.stack);
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

/** What is wrong and where, where it is serious. The page's policy allows no script tag; a debugger's evaluation it does. */
const findFaults = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate<AxeResults>("axe.run()");
  // A page that failed to show anything would pass.
  expect(passes.length).toBeGreaterThan(10);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
};

interface View {
  readonly name: string;
  readonly query: string;
  readonly reader?: string;
  /** Opens what can be opened, and waits for what the view is about. */
  readonly open: (page: Page) => Promise<void>;
}

const see =
  (text: string) =>
  (page: Page): Promise<void> =>
    page.locator("main").getByText(text).first().waitFor();

const VIEWS: readonly View[] = [
  { name: "logs", query: "", open: see("step 1") },
  {
    name: "the detail of a log",
    query: "?q=level:error",
    async open(page) {
      await page.getByText("checkout failed").first().click();
      await page.getByText("at cartTotal").first().waitFor();
    },
  },
  { name: "overview", query: "?view=overview", open: see("TypeError: price is undefined") },
  {
    name: "errors with one open",
    query: "?view=errors",
    async open(page) {
      await page.getByRole("link", { name: "TypeError: price is undefined" }).click();
      await page.getByText("at cartTotal").waitFor();
    },
  },
  { name: "an app", query: "?view=app&app=shop", open: see("99 of 100 within") },
  { name: "no app", query: "?view=app", open: see("Choose an app") },
  { name: "a session", query: "?view=session&session=s-1", open: see("no logs for 5 min") },
  { name: "no session", query: "?view=session&session=none", open: see("No logs for this session") },
  {
    name: "rejected with one open",
    query: "?view=rejected",
    async open(page) {
      await page.locator(".rejected summary").first().click();
      await page.getByLabel("Payload").first().waitFor();
    },
  },
  { name: "alerts", query: "?view=alerts", open: see("1 or more in 1 h") },
  {
    name: "an alert's form with what is wrong",
    query: "?view=alerts&app=shop",
    async open(page) {
      await page.getByRole("button", { name: "New alert" }).click();
      await page.getByText(/^It would have counted/).waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      await page.locator(".alert-form").getByRole("alert").first().waitFor();
    },
  },
  {
    name: "an alert's silence",
    query: "?view=alerts",
    async open(page) {
      await page.getByRole("button", { name: "Silence" }).click();
      await page.getByText("8 hours").waitFor();
    },
  },
  { name: "nothing at all", query: "?view=overview&from=all", reader: "nobody", open: see("None came yet") },
  { name: "a wrong query", query: `?view=errors&q=${encodeURIComponent("level:")}`, open: see("level") },
];

it.each(VIEWS)("$name has no serious fault, light or dark", async ({ query, reader, open }) => {
  await using opened = await fixture.open(query, reader);
  const { page } = opened;
  await open(page);
  // What is being read anew is paler for a moment.
  await settle(page);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  expect(await findFaults(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  expect(await findFaults(page)).toEqual([]);
});

it("the form to sign in has no serious fault", async () => {
  const page = await fixture.browser.context.newPage();
  await page.goto(`${fixture.stack.worker.url}/console/`);
  await page.getByLabel("Reader token").waitFor();
  expect(await findFaults(page)).toEqual([]);
  await page.close();
});
