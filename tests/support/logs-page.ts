/** Locators for the console's log view. */
import type { Locator, Page } from "playwright-core";

export const readUrlParams = (page: Page): Record<string, string> =>
  Object.fromEntries(new URL(page.url()).searchParams);
export const logList = (page: Page): Locator => page.getByRole("grid", { name: "Logs, newest first" });
export const logRow = (page: Page, text: string): Locator =>
  logList(page).getByRole("row").filter({ hasText: text }).first();
export const searchBox = (page: Page): Locator => page.getByRole("combobox", { name: "Search logs" });
export const detailPanel = (page: Page): Locator => page.getByRole("complementary", { name: "Log", exact: true });
export const facetPanel = (page: Page): Locator => page.getByRole("complementary", { name: "Filters" });
export const readClipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

export const waitForCount = (page: Page, count: number): Promise<void> =>
  page
    .getByText(new RegExp(`^${count.toLocaleString("en")}\\s+logs?$`))
    .first()
    .waitFor();
