/** The console's detail panel in Chromium, with a real OpenSearch and workerd, and the display of hostile log text. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DECLINED_ID, HOSTILE, LONG_LINE, storeLogs } from "../support/logs-data.ts";
import {
  readClipboard,
  detailPanel,
  logList,
  readUrlParams,
  logRow,
  searchBox,
  waitForCount,
} from "../support/logs-page.ts";
import { startConsole, type ConsoleFixture } from "../support/console-page.ts";

let fixture: ConsoleFixture;
beforeAll(async () => {
  fixture = await startConsole({ readers: { reader: { apps: ["shop"] } } });
  await fixture.browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await storeLogs(fixture.stack);
});
afterAll(async () => {
  await fixture?.[Symbol.asyncDispose]();
});

describe("the detail panel", () => {
  it("shows the exception and its cause, and copies the JSON and a curl command", async () => {
    await using view = await fixture.open("?q=payment");
    const { page } = view;
    await logRow(page, "payment declined").click();
    await detailPanel(page).getByText("Caused by: NetworkError: no answer").waitFor();
    expect(readUrlParams(page)["event"]).toBe(`${DECLINED_ID}.shop`);
    await detailPanel(page).getByRole("button", { name: "Copy JSON" }).click();
    await detailPanel(page).getByText("Copied").waitFor();
    expect(JSON.parse(await readClipboard(page))).toMatchObject({
      body: "Checkout failed: payment declined",
      attributes: { cart: { items: 10, note: `it's "quoted"` } },
    });
    await detailPanel(page).getByRole("button", { name: "Copy curl" }).click();
    await expect
      .poll(() => readClipboard(page))
      .toBe(
        `curl -sS -H "Authorization: Bearer $EDGELOG_READER_TOKEN" '${fixture.stack.worker.url}/search?q=id%3A${DECLINED_ID}&app=shop'`,
      );
  });

  it("includes and excludes field values", async () => {
    await using view = await fixture.open(`?event=${DECLINED_ID}`);
    const { page } = view;
    await detailPanel(page).getByRole("button", { name: "Include user.id: u-7" }).click();
    await waitForCount(page, 2);
    expect(readUrlParams(page)["q"]).toBe("user.id:u-7");
    const note = `cart.note: it's "quoted"`;
    await detailPanel(page)
      .getByRole("button", { name: `Exclude ${note}` })
      .click();
    await waitForCount(page, 1);
    await detailPanel(page)
      .getByRole("button", { name: `Include ${note}` })
      .click();
    await logRow(page, "payment declined").waitFor();
    await waitForCount(page, 1);
    await detailPanel(page)
      .getByRole("button", { name: `Include ${note}` })
      .click();
    await waitForCount(page, 2);
    expect(readUrlParams(page)["q"]).toBe("user.id:u-7");
  });

  it("shows surrounding logs of the session, and links to the session view", async () => {
    await using view = await fixture.open(`?event=${DECLINED_ID}`);
    const { page } = view;
    await detailPanel(page).getByText("Surrounding logs").click();
    const context = detailPanel(page).locator(".context-list li");
    await context.nth(2).waitFor();
    expect(await context.allInnerTexts()).toEqual([
      expect.stringContaining("the basket is open"),
      expect.stringContaining("payment declined"),
      expect.stringContaining("the bank is slow"),
    ]);
    await context.first().getByRole("link").click();
    await detailPanel(page).getByLabel("Message").getByText("the basket is open").waitFor();
    await detailPanel(page).getByRole("link", { name: "Session" }).click();
    await page.waitForURL(/view=session/);
    expect(readUrlParams(page)).toMatchObject({ view: "session", session: "s-1" });
  });

  it("opens again after a reload and from a link, and Back closes it", async () => {
    await using view = await fixture.open("?q=payment");
    const { page } = view;
    await logRow(page, "payment declined").click();
    await detailPanel(page).waitFor();
    await page.reload();
    await detailPanel(page).getByText("Caused by: NetworkError").waitFor();
    // The list of this page does not contain the log. The link is one of an older version, without the app.
    await using shared = await fixture.open(`?q=nothing-like-it&event=${DECLINED_ID}`);
    await detailPanel(shared.page).getByText("Caused by: NetworkError").waitFor();
    await page.goBack();
    await detailPanel(page).waitFor({ state: "hidden" });
    expect(readUrlParams(page)).toEqual({ q: "payment" });
  });

  it("opens and closes with the keyboard", async () => {
    await using view = await fixture.open("");
    const { page } = view;
    await logRow(page, "payment declined").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("session:s-1");
    await waitForCount(page, 3);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    expect(await logRow(page, "payment declined").getAttribute("aria-selected")).toBe("true");
    await page.keyboard.press("Enter");
    await detailPanel(page).getByText("Caused by: NetworkError").waitFor();
    await page.keyboard.press("j");
    await detailPanel(page).getByLabel("Message").getByText("the basket is open").waitFor();
    await page.keyboard.press("k");
    await page.keyboard.press("k");
    await detailPanel(page).getByLabel("Message").getByText("the bank is slow").waitFor();
    await page.keyboard.press("Escape");
    await detailPanel(page).waitFor({ state: "hidden" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Help" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await page.keyboard.press("l");
    await page.getByRole("button", { name: "Paused" }).waitFor();
  });

  it("covers the list on a phone, takes the focus and returns it when closed", async () => {
    await using view = await fixture.open("?q=payment");
    const { page } = view;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.reload();
    await logRow(page, "payment declined").click();
    await detailPanel(page).getByText("PaymentError").first().waitFor();
    await expect.poll(() => detailPanel(page).evaluate((panel) => panel === document.activeElement)).toBe(true);
    await page.keyboard.press("Tab");
    expect(await detailPanel(page).evaluate((panel) => panel.contains(document.activeElement))).toBe(true);
    await page.keyboard.press("Escape");
    await detailPanel(page).waitFor({ state: "hidden" });
    await expect.poll(() => logList(page).evaluate((grid) => grid === document.activeElement)).toBe(true);
  });
});

describe("hostile log text", () => {
  it("is shown as text everywhere and does nothing", async () => {
    await using view = await fixture.open("?columns=user.id,exception.type");
    const { page, errors } = view;
    const title = await page.title();
    await logRow(page, '<img src=x onerror="document.title=1">').click();
    await detailPanel(page).getByText("⟨ESC⟩[31mred⟨U+202E⟩gnp.exe").first().waitFor();
    await detailPanel(page)
      .getByRole("button", { name: /^Include user\.id: <img/ })
      .click();
    await waitForCount(page, 1);
    await page.keyboard.press("Escape");
    await searchBox(page).fill("user.id:");
    await page.getByRole("option", { name: "<img src=x" }).waitFor();
    expect(await page.locator("main img, main script, main b:has(img)").count()).toBe(0);
    expect(await page.title()).toBe(title);
    expect(errors).toEqual([]);
    expect(HOSTILE).toContain("\u202e");
  });

  it("is collapsed when it is very long", async () => {
    await using view = await fixture.open("?q=level:debug");
    const { page, errors } = view;
    const line = logRow(page, "long xxx");
    await line.click();
    expect((await line.innerText()).length).toBeLessThan(600);
    expect((await detailPanel(page).innerText()).length).toBeLessThan(12_000);
    await detailPanel(page).getByRole("button", { name: "Show all 131,005 characters" }).click();
    expect((await detailPanel(page).getByLabel("Message").innerText()).length).toBe(LONG_LINE.length);
    expect(errors).toEqual([]);
  });
});
