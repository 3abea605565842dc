/** Locators and waits for the tests of the dashboards. */
import type { Locator, Page } from "playwright-core";

/** A panel of a dashboard, by its title. */
export const panel = (page: Page, name: string): Locator => page.getByRole("region", { name, exact: true });

/** The cell texts of the table row with this header. */
export const readCells = async (table: Locator, header: string): Promise<string[]> => {
  const row = table
    .getByRole("row")
    .filter({ has: table.page().getByRole("rowheader", { name: header, exact: true }) });
  await row.waitFor();
  return await row.getByRole("cell").allInnerTexts();
};

/** The search parameters of the address. */
export const readParams = (page: Page): Record<string, string> => Object.fromEntries(new URL(page.url()).searchParams);

/** Waits until the logs page shows this number of logs. */
export const waitForLogCount = async (page: Page, count: number): Promise<void> => {
  await page.getByRole("heading", { level: 1, name: "Logs" }).waitFor();
  await page
    .getByText(new RegExp(`^${count}\\s+logs?$`))
    .first()
    .waitFor();
};

/** Waits until the page has loaded all of its data. */
export const waitUntilLoaded = async (page: Page): Promise<void> => {
  await page.locator("main h1, main h2").first().waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
};
