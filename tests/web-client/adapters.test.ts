/**
 * The adapters and the recipes of the package's README, each with its library.
 */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startTestPages, type TestPages } from "../support/web-client/test-pages.ts";

let pages: TestPages;
let page: Page;
beforeAll(async () => {
  pages = await startTestPages("./libraries.ts");
});
afterAll(() => pages?.[Symbol.asyncDispose]());
afterEach(() => page.close());

const use = async (name: keyof Window["libraries"]): Promise<void> => {
  page = await pages.open();
  await page.evaluate((key) => globalThis.window.libraries[key](globalThis.window.log), name);
};
const flush = async () => {
  expect(await page.evaluate(() => globalThis.window.log.flush())).toBe(true);
  return pages.events();
};
const HOSTILE = { message: { toString: 1 }, n: 4, "log.record.dropped_attributes_count": 1 };
const NO_CARD = {
  "exception.type": "TypeError",
  "exception.message": "no card",
  "exception.stacktrace": expect.stringMatching(/no card\n +at /),
};

describe("adapters", () => {
  it("toPinoTransmit logs what pino transmits", async () => {
    await use("pino");
    expect(await flush()).toMatchObject([
      { severity: "debug", body: "with values", attributes: { n: 1 } },
      { severity: "warn", body: "from a child", attributes: { component: "cart", n: 2 } },
      { severity: "error", body: "no card", attributes: NO_CARD },
      { severity: "fatal", body: "payment failed", attributes: { ...NO_CARD, n: 3 } },
      { severity: "info", body: "hostile", attributes: HOSTILE },
      { severity: "info", body: "", attributes: HOSTILE },
    ]);
  });

  it("toLogTapeSink logs LogTape's records", async () => {
    await use("logTape");
    expect(await flush()).toMatchObject([
      {
        severity: "info",
        body: "Put apples into the cart",
        attributes: { "log.logger": "shop.cart", item: "apples", n: 1 },
      },
      { severity: "warn", body: "Only 3 left", attributes: { "log.logger": "shop.cart" } },
      { severity: "error", body: "Payment failed: TypeError: no card", attributes: NO_CARD },
      { severity: "fatal", body: "The end" },
    ]);
  });

  it("toConsole logs calls of console methods", async () => {
    await use("console");
    expect(await flush()).toMatchObject([
      { severity: "debug", body: "details" },
      { severity: "info", body: "Slow 812 ms" },
      { severity: "info", body: "Order placed", attributes: { "order.id": "o-1" } },
      { severity: "info", body: 'Ann did {"n":1}', attributes: { "order.id": "o-1" } },
      { severity: "warn", body: '{"only":"an object"}' },
      { severity: "error", body: "TypeError: no card", attributes: { ...NO_CARD, n: 1 } },
      { severity: "error", body: "Payment failed", attributes: NO_CARD },
      { severity: "trace", body: "here" },
      {
        severity: "error",
        body: "TypeError: no card",
        attributes: { ...NO_CARD, n: 2, "log.record.dropped_attributes_count": 1 },
      },
    ]);
  });
});

describe("recipes", () => {
  it.each([
    ["react", "TypeError: Cannot read properties", { "react.component_stack": expect.stringContaining(" at ") }],
    ["vue", "TypeError: no card", { "vue.info": expect.any(String) }],
    ["svelte", "TypeError: Cannot read properties", {}],
  ] as const)("%s: logs the error that its boundary catches", async (name, body, attributes) => {
    await use(name);
    await page.click("button");
    await page.waitForSelector("#failed");
    expect(await flush()).toMatchObject([
      {
        severity: "error",
        body: expect.stringContaining(body),
        attributes: { "exception.type": "TypeError", ...attributes },
      },
    ]);
  });
});

describe("useLogger of React", () => {
  it("takes all attributes that the logger takes, and returns the same logger while they are equal", async () => {
    await use("useLogger");
    for (const count of ["0", "1", "2"]) {
      await page.waitForSelector(`button:text-is("${count}")`);
      await page.click("button");
    }
    await page.waitForSelector('button:text-is("3")');
    expect(await flush()).toMatchObject([
      { body: "count 0", attributes: { id: "10", list: [0] } },
      { body: "cycle", attributes: { name: "cyclic" } },
      { body: "count 2", attributes: { id: "10", list: [1] } },
    ]);
  });
});
