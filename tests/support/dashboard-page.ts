/** What the tests of dashboards look at. */
import type { Locator, Page } from "playwright-core";

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
