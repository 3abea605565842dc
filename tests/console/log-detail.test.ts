/** The console's detail panel in Chromium, with a real OpenSearch and workerd, and the display of hostile log text. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DECLINED_ID, HOSTILE, LONG_LINE, storeLogs } from "../support/logs-data.ts";
import { clipboard, detail, list, paramsOf, row, search, seeCount } from "../support/logs-page.ts";
import { startConsole, type ConsoleLine } from "../support/console-page.ts";

let shown: ConsoleLine;
beforeAll(async () => {
  shown = await startConsole({ readers: { reader: { apps: ["shop"] } } });
  await shown.browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await storeLogs(shown.line);
});
afterAll(async () => {
  await shown?.[Symbol.asyncDispose]();
});

describe("the detail panel", () => {
  it("shows the exception and its cause, and copies the JSON and a curl command", async () => {
    await using opened = await shown.open("?q=payment");
    const { page } = opened;
    await row(page, "payment declined").click();
    await detail(page).getByText("Caused by: NetworkError: no answer").waitFor();
    expect(paramsOf(page)["event"]).toBe(DECLINED_ID);
    await detail(page).getByRole("button", { name: "Copy JSON" }).click();
    await detail(page).getByText("Copied").waitFor();
    expect(JSON.parse(await clipboard(page))).toMatchObject({
      body: "Checkout failed: payment declined",
      attributes: { cart: { items: 10, note: `it's "quoted"` } },
    });
    await detail(page).getByRole("button", { name: "Copy curl" }).click();
    await expect
      .poll(() => clipboard(page))
      .toBe(
        `curl -sS -H "Authorization: Bearer $EDGELOG_READER_TOKEN" '${shown.line.worker.url}/search?q=id%3A${DECLINED_ID}'`,
      );
  });

  it("filters for and against its values", async () => {
    await using opened = await shown.open(`?event=${DECLINED_ID}`);
    const { page } = opened;
    await detail(page).getByRole("button", { name: "Include user.id: u-7" }).click();
    await seeCount(page, 2);
    expect(paramsOf(page)["q"]).toBe("user.id:u-7");
    const note = `cart.note: it's "quoted"`;
    await detail(page)
      .getByRole("button", { name: `Exclude ${note}` })
      .click();
    await seeCount(page, 1);
    await detail(page)
      .getByRole("button", { name: `Include ${note}` })
      .click();
    await row(page, "payment declined").waitFor();
    await seeCount(page, 1);
    await detail(page)
      .getByRole("button", { name: `Include ${note}` })
      .click();
    await seeCount(page, 2);
    expect(paramsOf(page)["q"]).toBe("user.id:u-7");
  });

  it("shows surrounding logs of the session, and links to the session view", async () => {
    await using opened = await shown.open(`?event=${DECLINED_ID}`);
    const { page } = opened;
    await detail(page).getByText("Surrounding logs").click();
    const context = detail(page).locator(".context-list li");
    await context.nth(2).waitFor();
    expect(await context.allInnerTexts()).toEqual([
      expect.stringContaining("the basket is open"),
      expect.stringContaining("payment declined"),
      expect.stringContaining("the bank is slow"),
    ]);
    await context.first().getByRole("link").click();
    await detail(page).getByLabel("Message").getByText("the basket is open").waitFor();
    await detail(page).getByRole("link", { name: "Session" }).click();
    await page.waitForURL(/view=session/);
    expect(paramsOf(page)).toMatchObject({ view: "session", session: "s-1" });
  });

  it("opens again after a reload and from a link, and Back closes it", async () => {
    await using opened = await shown.open("?q=payment");
    const { page } = opened;
    await row(page, "payment declined").click();
    await detail(page).waitFor();
    await page.reload();
    await detail(page).getByText("Caused by: NetworkError").waitFor();
    // The list of this page does not contain the log.
    await using shared = await shown.open(`?q=nothing-like-it&event=${DECLINED_ID}`);
    await detail(shared.page).getByText("Caused by: NetworkError").waitFor();
    await page.goBack();
    await detail(page).waitFor({ state: "hidden" });
    expect(paramsOf(page)).toEqual({ q: "payment" });
  });

  it("opens and closes with the keyboard", async () => {
    await using opened = await shown.open("");
    const { page } = opened;
    await row(page, "payment declined").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("session:s-1");
    await seeCount(page, 3);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    expect(await row(page, "payment declined").getAttribute("aria-selected")).toBe("true");
    await page.keyboard.press("Enter");
    await detail(page).getByText("Caused by: NetworkError").waitFor();
    await page.keyboard.press("j");
    await detail(page).getByLabel("Message").getByText("the basket is open").waitFor();
    await page.keyboard.press("k");
    await page.keyboard.press("k");
    await detail(page).getByLabel("Message").getByText("the bank is slow").waitFor();
    await page.keyboard.press("Escape");
    await detail(page).waitFor({ state: "hidden" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await page.keyboard.press("l");
    await page.getByRole("button", { name: "Live", pressed: false }).waitFor();
  });

  it("covers the list on a phone, takes the focus and returns it when closed", async () => {
    await using opened = await shown.open("?q=payment");
    const { page } = opened;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.reload();
    await row(page, "payment declined").click();
    await detail(page).getByText("PaymentError").first().waitFor();
    await expect.poll(() => detail(page).evaluate((panel) => panel === document.activeElement)).toBe(true);
    await page.keyboard.press("Tab");
    expect(await detail(page).evaluate((panel) => panel.contains(document.activeElement))).toBe(true);
    await page.keyboard.press("Escape");
    await detail(page).waitFor({ state: "hidden" });
    await expect.poll(() => list(page).evaluate((grid) => grid === document.activeElement)).toBe(true);
  });
});

describe("hostile log text", () => {
  it("is shown as text everywhere and does nothing", async () => {
    await using opened = await shown.open("?columns=user.id,exception.type");
    const { page, errors } = opened;
    const title = await page.title();
    await row(page, '<img src=x onerror="document.title=1">').click();
    await detail(page).getByText("⟨ESC⟩[31mred⟨U+202E⟩gnp.exe").first().waitFor();
    await detail(page)
      .getByRole("button", { name: /^Include user\.id: <img/ })
      .click();
    await seeCount(page, 1);
    await page.keyboard.press("Escape");
    await search(page).fill("user.id:");
    await page.getByRole("option", { name: "<img src=x" }).waitFor();
    expect(await page.locator("main img, main script, main b:has(img)").count()).toBe(0);
    expect(await page.title()).toBe(title);
    expect(errors).toEqual([]);
    expect(HOSTILE).toContain("\u202e");
  });

  it("is collapsed when it is very long", async () => {
    await using opened = await shown.open("?q=level:debug");
    const { page, errors } = opened;
    const line = row(page, "long xxx");
    await line.click();
    expect((await line.innerText()).length).toBeLessThan(600);
    expect((await detail(page).innerText()).length).toBeLessThan(12_000);
    await detail(page).getByRole("button", { name: "Show all 131,005 characters" }).click();
    expect((await detail(page).getByLabel("Message").innerText()).length).toBe(LONG_LINE.length);
    expect(errors).toEqual([]);
  });
});
