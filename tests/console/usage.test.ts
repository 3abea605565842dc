/** Usage and quotas on the app page, and events over quota on the page of rejected payloads. Responses are scripted. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RejectedHit } from "#contract/api/search.ts";
import type { UsageResponse } from "#contract/api/usage.ts";
import { toQuotaState } from "../../web-client/console/app/quota-state.ts";
import { formatByteCount } from "#contract/wire/quantity.ts";
import { panel, readCells } from "../support/dashboard-page.ts";
import { startScriptedConsole, type ScriptedConsole } from "../support/scripted-console.ts";
import { createOverQuotaHit, createReadScript, createUsage } from "../support/scripted-responses.ts";

const QUOTA = 5_000_000_000;
const APP_PAGE = "?view=app&app=shop";
const USAGE_PANEL = "Usage today";

describe(toQuotaState, () => {
  it.each([
    [0.5, "ok", []],
    [0.8, "warning", []],
    [1, "over", ["trace", "debug"]],
    [1.1, "over", ["trace", "debug", "info"]],
    [1.2, "over", ["trace", "debug", "info", "warn"]],
    [1.5, "over", ["trace", "debug", "info", "warn", "error", "fatal"]],
  ])("at %d of the quota the level is %s and %j are rejected", (share, level, refused) => {
    const usage = {
      app: "shop",
      bytes: share * QUOTA,
      events: 1,
      rejectedBytes: 0,
      rejected: 0,
      overQuota: 0,
      bytesPerDay: QUOTA,
    };
    expect(toQuotaState(usage)).toMatchObject({ level, refused });
  });

  it("is undefined without a quota", () => {
    expect(
      toQuotaState({ app: "shop", bytes: 1, events: 1, rejectedBytes: 0, rejected: 0, overQuota: 0 }),
    ).toBeUndefined();
  });
});

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [5_000_000_000, "5 GB"],
  [1_250_000, "1.3 MB"],
])("formats %d bytes as %s", (bytes, text) => {
  expect(formatByteCount(bytes)).toBe(text);
});

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());

const withPage = async (
  query: string,
  usage: { readonly status?: number; readonly body: UsageResponse | { readonly detail: string } },
  check: (page: Page) => Promise<void>,
  hits: readonly RejectedHit[] = [],
): Promise<void> => {
  const rejected = { total: hits.length, totalIsLowerBound: false, byReason: [], hits };
  const byReason = hits.length === 0 ? [] : [{ reason: "over_quota", count: hits.length }];
  scripted.script = {
    ...createReadScript(),
    "/usage": () => usage,
    "/rejected": () => ({ body: { ...rejected, byReason } }),
  };
  const page = await scripted.open(query);
  try {
    await check(page);
  } finally {
    await page.close();
  }
};

const readUsage = async (page: Page): Promise<string> => {
  const usage = panel(page, USAGE_PANEL);
  await usage.getByRole("rowheader").first().waitFor();
  return await usage.innerText();
};

it.each([
  [0.5, "2.5 GB of 5 GB (50%), 1,200 events (at most 1,500 per second)", ""],
  [
    0.85,
    "4.3 GB of 5 GB (85%)",
    "At least 80% of the quota is used. From 100%, events of severity trace and debug are rejected.",
  ],
  [
    1.12,
    "5.6 GB of 5 GB (112%)",
    "Over quota: events of severity trace, debug, and info are rejected until 00:00 UTC. From 120%, events of severity warn are rejected, too.",
  ],
  [1.6, "8 GB of 5 GB (160%)", "Over quota: all events are rejected until 00:00 UTC."],
])("the app page shows %d of the quota", async (share, size, state) => {
  const usage = createUsage([{ bytes: share * QUOTA, events: 1_200, bytesPerDay: QUOTA, eventsPerSecond: 1_500 }]);
  await withPage(APP_PAGE, { body: usage }, async (page) => {
    const text = await readUsage(page);
    expect(text).toContain(size);
    const usagePanel = panel(page, USAGE_PANEL);
    expect((await usagePanel.getByRole("status").allInnerTexts()).join(" ")).toContain(state);
    const meter = usagePanel.getByRole("meter");
    expect(await meter.getAttribute("aria-valuetext")).toBe(`${Math.round(share * 100)}%`);
  });
});

it("the app page shows the size of rejected events", async () => {
  const usage = createUsage([{ bytes: QUOTA, rejectedBytes: 0.9 * QUOTA, bytesPerDay: QUOTA }]);
  await withPage(APP_PAGE, { body: usage }, async (page) => {
    expect(await readUsage(page)).toContain("Includes 4.5 GB of rejected events.");
  });
});

it("the app page shows the size of an app without a quota", async () => {
  await withPage(APP_PAGE, { body: createUsage([{ bytes: 1_500, events: 1 }]) }, async (page) => {
    expect(await readUsage(page)).toContain("1.5 kB (no quota), 1 event");
    expect(await panel(page, USAGE_PANEL).getByRole("meter").count()).toBe(0);
  });
});

it("the app page shows the events over quota by day and by severity", async () => {
  const hits = [createOverQuotaHit("1", { debug: 30, info: 5 }), createOverQuotaHit("2", { debug: 20 })];
  const usage = createUsage([{ bytes: 1.2 * QUOTA, overQuota: 55, bytesPerDay: QUOTA }]);
  await withPage(
    APP_PAGE,
    { body: usage },
    async (page) => {
      const overQuota = panel(page, "Over quota by severity");
      expect(await readCells(overQuota, "debug")).toEqual(["50"]);
      expect(await readCells(overQuota, "info")).toEqual(["5"]);
      expect(await panel(page, USAGE_PANEL).getByRole("row").nth(1).getByRole("cell").last().innerText()).toBe("55");
    },
    hits,
  );
});

it.each([
  ["an app's page", APP_PAGE],
  ["the list of apps", "?view=app"],
])("%s lists all apps by size, the largest first", async (_name, query) => {
  const usage = createUsage([
    { app: "small", bytes: 2_000, events: 2 },
    { app: "large", bytes: 9_000_000, events: 10, bytesPerDay: 10_000_000 },
    { app: "shop", bytes: 5_000, events: 3 },
  ]);
  await withPage(query, { body: usage }, async (page) => {
    const apps = panel(page, "Apps by size today");
    await apps.getByRole("rowheader").first().waitFor();
    expect(await apps.getByRole("rowheader").allInnerTexts()).toEqual(["large", "shop", "small"]);
    expect(await readCells(apps, "large")).toEqual(["9 MB", "10", "90%"]);
  });
});

it("the app page has a text for each panel when nothing is counted", async () => {
  await withPage(APP_PAGE, { body: { days: [] } }, async (page) => {
    await panel(page, USAGE_PANEL).getByText("Nothing was counted in the last 7 days.").waitFor();
    await panel(page, "Over quota by severity").getByText("No events were over quota in the last 7 days.").waitFor();
    expect(await panel(page, "Apps by size today").innerText()).toContain("No logs counted today.");
  });
});

it("the app page shows why usage is unavailable, and its other panels", async () => {
  await withPage(APP_PAGE, { status: 503, body: { detail: "OpenSearch is unavailable." } }, async (page) => {
    await panel(page, USAGE_PANEL).getByRole("alert").getByText("OpenSearch is unavailable.").waitFor();
    await panel(page, "Apps by size today").getByRole("alert").waitFor();
    expect(await panel(page, "Latest errors").innerText()).toContain("payment declined");
  });
});

it("the page of rejected payloads explains events over quota, which have no payload", async () => {
  await withPage(
    "?view=rejected",
    { body: { days: [] } },
    async (page) => {
      await page.locator(".rejected summary").first().click();
      const detail = page.locator(".rejected-detail").first();
      const text = await detail.innerText();
      expect(text).toContain("The app exceeded its quota");
      expect(text).toContain("30 debug, 5 info");
      expect(text).toContain("The payload is not stored");
      expect(text).not.toContain("rejected -- replay");
    },
    [createOverQuotaHit("1", { debug: 30, info: 5 })],
  );
});
