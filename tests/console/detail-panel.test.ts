/** The detail panel of a log in Chromium. The server's responses are scripted. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { detailPanel, readUrlParams, searchBox } from "../support/logs-page.ts";
import { startScriptedConsole, type ScriptedConsole } from "../support/scripted-console.ts";
import { createReadScript, SHOP_LOG } from "../support/scripted-responses.ts";

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());

/** Opens the first of `hits`, which are all logs. */
const withLog = async (hits: readonly object[], check: (page: Page) => Promise<void>): Promise<void> => {
  scripted.script = {
    ...createReadScript(),
    ...scripted.script,
    "/search": () => ({ body: { total: hits.length, totalIsLowerBound: false, hits } }),
  };
  const page = await scripted.open(`?from=all&event=${SHOP_LOG.id}.shop`);
  try {
    await check(page);
  } finally {
    await page.close();
  }
};

describe("filters from the fields of a log", () => {
  const attributes = { items: [{ name: "milk" }, { name: "bread" }], sql: "select 1\nfrom orders" };
  const log = { ...SHOP_LOG, document: { ...SHOP_LOG.document, attributes } };

  it("search a list by the name of its field", async () => {
    await withLog([log], async (page) => {
      await detailPanel(page)
        .locator("summary", { hasText: /^1\{1\}$/ })
        .click();
      await detailPanel(page).getByRole("button", { name: "Include items.name: bread" }).click();
      await expect.poll(() => readUrlParams(page)["q"]).toBe("items.name:bread");
    });
  });

  it("keep the line feeds of a value, also after a visit to the search box", async () => {
    await withLog([log], async (page) => {
      await detailPanel(page)
        .getByRole("button", { name: /^Include sql/ })
        .click();
      const q = 'sql:"select 1\nfrom orders"';
      await expect.poll(() => readUrlParams(page)["q"]).toBe(q);
      await searchBox(page).focus();
      await page.keyboard.press("Enter");
      await searchBox(page).blur();
      expect(readUrlParams(page)["q"]).toBe(q);
    });
  });
});
it("a long stack trace has a button that shows its other lines, with the cause", async () => {
  const frames = Array.from({ length: 420 }, (_, line) => `\tat com.shop.Cart.add(Cart.java:${line})`);
  const stacktrace = ["java.lang.RuntimeException: top", ...frames, "Caused by: java.sql.SQLException: root"].join(
    "\n",
  );
  const exception = { type: "java.lang.RuntimeException", message: "top", stacktrace };
  await withLog([{ ...SHOP_LOG, document: { ...SHOP_LOG.document, exception } }], async (page) => {
    const cause = detailPanel(page).getByText("Caused by: java.sql.SQLException: root");
    const button = detailPanel(page).getByRole("button", { name: "Show all 422 lines" });
    await button.waitFor();
    expect(await cause.count()).toBe(0);
    await button.click();
    await cause.waitFor();
    expect(await button.count()).toBe(0);
  });
});

it("surrounding logs are found by another id if a log does not have the chosen one", async () => {
  const other = { id: SHOP_LOG.id.replace(/1$/, "2"), document: { ...SHOP_LOG.document, body: "without a trace" } };
  scripted.script = {
    // As the server does: without an id of the requested kind there are no other logs.
    "/context": (params) => {
      const [event, neighbour] = params.get("id") === SHOP_LOG.id ? [SHOP_LOG, other] : [other, SHOP_LOG];
      const groupings = event === SHOP_LOG ? ["session", "trace"] : ["session"];
      const by = groupings.find((name) => name === (params.get("by") ?? "session"));
      return { body: { event, groupings, ...(by && { by, value: "id" }), before: by ? [neighbour] : [], after: [] } };
    },
  };
  await withLog([SHOP_LOG, other], async (page) => {
    await detailPanel(page).getByText("Surrounding logs").click();
    const picker = detailPanel(page).getByLabel("From the same");
    await picker.selectOption("trace");
    await expect.poll(() => scripted.requests.at(-1)).toContain("by=trace");
    await detailPanel(page).getByRole("button", { name: "Next log" }).click();
    await detailPanel(page).getByText("This log has no trace.").waitFor();
    expect(await picker.inputValue()).toBe("session");
    await expect.poll(() => detailPanel(page).locator(".context-list li").count()).toBe(2);
    await detailPanel(page).getByRole("button", { name: "Previous log" }).click();
    await detailPanel(page).getByText("This log has no trace.").waitFor({ state: "detached" });
    await expect.poll(() => picker.inputValue()).toBe("trace");
  });
});
