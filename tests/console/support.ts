/** The console in Chromium on a read side of its own. */
import type { Locator, Page } from "playwright-core";
import { buildPages } from "../../stack/build-pages.ts";
import { startBrowser, type Browser } from "../support/browser.ts";
import { startReadStack, type ReadStack, type ReadStackOptions } from "../support/read-stack.ts";

export interface ConsolePage extends AsyncDisposable {
  readonly page: Page;
  /** Messages of errors that no one caught, and of what the page's policy refused. */
  readonly errors: readonly string[];
}

export interface ConsoleLine extends AsyncDisposable {
  readonly line: ReadStack;
  readonly browser: Browser;
  /** Opens the console at `?…`, signed in as one of the readers. */
  open(query: string, reader?: string): Promise<ConsolePage>;
}

export const startConsole = async (options: ReadStackOptions): Promise<ConsoleLine> => {
  await buildPages();
  const line = await startReadStack(options);
  const browser = await startBrowser();
  return {
    line,
    browser,
    async open(query, reader = "reader") {
      const page = await browser.context.newPage();
      const errors: string[] = [];
      page.on("pageerror", ({ message }) => errors.push(message));
      page.on("console", (message) => {
        if (/Content Security Policy/i.test(message.text())) errors.push(message.text());
      });
      await page.goto(`${line.worker.url}/console/${query}#token=${line.tokens[reader]}`);
      return { page, errors, [Symbol.asyncDispose]: () => page.close() };
    },
    async [Symbol.asyncDispose]() {
      await browser[Symbol.asyncDispose]();
      await line[Symbol.asyncDispose]();
    },
  };
};

/** A part of a dashboard. */
export const panel = (page: Page, name: string): Locator => page.getByRole("region", { name, exact: true });

/** The cells of a table's row, by the text of its head. */
export const cells = async (table: Locator, head: string): Promise<string[]> => {
  const row = table.getByRole("row").filter({ has: table.page().getByRole("rowheader", { name: head, exact: true }) });
  await row.waitFor();
  return await row.getByRole("cell").allInnerTexts();
};

/** What stands in the address. */
export const paramsOf = (page: Page): Record<string, string> => Object.fromEntries(new URL(page.url()).searchParams);

/** Waits until the list of logs shows so many. */
export const seeLogs = async (page: Page, count: number): Promise<void> => {
  await page.getByRole("heading", { level: 1, name: "Logs" }).waitFor();
  await page
    .getByText(new RegExp(`^${count}\\s+logs?$`))
    .first()
    .waitFor();
};

/** Waits until a page has asked for all that it shows. */
export const settle = async (page: Page): Promise<void> => {
  await page.locator("main h1, main h2").first().waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
};
