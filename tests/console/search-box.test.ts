/** The search box of the console in Chromium, with a real OpenSearch and workerd: focus, suggestions and typing. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startConsole, type ConsoleFixture } from "../support/console-page.ts";
import { storeLogs } from "../support/logs-data.ts";
import { readUrlParams, searchBox } from "../support/logs-page.ts";

let fixture: ConsoleFixture;
beforeAll(async () => {
  fixture = await startConsole({ readers: { reader: { apps: ["shop"] } } });
  await storeLogs(fixture.stack);
});
afterAll(async () => {
  await fixture?.[Symbol.asyncDispose]();
});

it("focuses the search box on / as soon as the box is in the document", async () => {
  const page = await fixture.browser.context.newPage();
  await page.addInitScript(() => {
    // Runs after the task that renders the box, before the next frame.
    new MutationObserver((_, observer) => {
      if (document.querySelector("[role=combobox]") === null) return;
      observer.disconnect();
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true, cancelable: true }));
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(`${fixture.stack.worker.url}/console/#token=${fixture.stack.tokens["reader"]}`);
  await searchBox(page).waitFor();
  expect(await searchBox(page).evaluate((box) => box === document.activeElement)).toBe(true);
  await page.close();
});

it("puts the caret after the text on /", async () => {
  await using view = await fixture.open("?q=checkout");
  const { page } = view;
  await page.keyboard.press("/");
  expect(await searchBox(page).evaluate((box) => (box as HTMLInputElement).selectionStart)).toBe("checkout".length);
});

it("suggests fields when the first request failed and the next one is slow", async () => {
  await using view = await fixture.open("");
  const { page } = view;
  let requests = 0;
  const release = Promise.withResolvers<void>();
  await page.route("**/fields?**", async (route) => {
    requests += 1;
    if (requests === 1) return route.abort("connectionreset");
    await release.promise;
    return route.continue();
  });
  await searchBox(page).pressSequentially("-debug serv");
  await expect.poll(() => requests, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(await page.getByRole("listbox").count()).toBe(0);
  release.resolve();
  await page
    .getByRole("option", { name: /^service/ })
    .first()
    .waitFor();
});

it("completes fields and values with the keyboard", async () => {
  await using view = await fixture.open("");
  const { page } = view;
  const box = searchBox(page);
  await page.keyboard.press("/");
  await page.keyboard.type("-debug serv");
  await page
    .getByRole("option", { name: /^service/ })
    .first()
    .waitFor();
  expect(await box.getAttribute("aria-expanded")).toBe("true");
  await page.keyboard.press("ArrowDown");
  const active = await box.getAttribute("aria-activedescendant");
  expect(await page.locator(`#${active}`).getAttribute("aria-selected")).toBe("true");
  await page.keyboard.press("Enter");
  await page.getByRole("option", { name: /^shop-app/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  expect(await box.inputValue()).toBe("-debug service:shop-app ");
  await expect.poll(() => readUrlParams(page)["q"]).toBe("-debug service:shop-app");
  await page.keyboard.type("car");
  await page.getByRole("option", { name: /^cart\.items/ }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("listbox").waitFor({ state: "hidden" });
  expect(await box.inputValue()).toBe("-debug service:shop-app car");
});

it("keeps text that is typed while a query is applied", async () => {
  await using view = await fixture.open("");
  const { page } = view;
  await page.evaluate(() => {
    addEventListener("keyup", () => {
      document.querySelector("form")?.requestSubmit();
      document.execCommand("insertText", false, "d");
    });
  });
  await searchBox(page).focus();
  await page.keyboard.press("x");
  await expect.poll(() => readUrlParams(page)["q"]).toBe("xd");
  expect(await searchBox(page).inputValue()).toBe("xd");
});
