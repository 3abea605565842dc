/** Locators for the console's log view. */
import type { Locator, Page } from "playwright-core";

export const paramsOf = (page: Page): Record<string, string> => Object.fromEntries(new URL(page.url()).searchParams);
export const list = (page: Page): Locator => page.getByRole("grid", { name: "Logs, newest first" });
export const row = (page: Page, text: string): Locator => list(page).getByRole("row").filter({ hasText: text }).first();
export const search = (page: Page): Locator => page.getByRole("combobox", { name: "Search logs" });
export const detail = (page: Page): Locator => page.getByRole("complementary", { name: "Log", exact: true });
export const facets = (page: Page): Locator => page.getByRole("complementary", { name: "Filters" });
export const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

export const seeCount = (page: Page, count: number): Promise<void> =>
  page
    .getByText(new RegExp(`^${count.toLocaleString("en")}\\s+logs?$`))
    .first()
    .waitFor();
