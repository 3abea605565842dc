/**
 * The console's dashboards in Chromium, with OpenSearch and workerd: numbers, links that filter, alerts from form to
 * webhook, untrusted text, and isolation between the readers of different apps.
 */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { HOSTILE, SECRET, storeDashboardData, storeLongSession } from "../support/dashboard-data.ts";
import { readCells, panel, readParams, waitForLogCount, waitUntilLoaded } from "../support/dashboard-page.ts";
import { startConsole, type ConsoleFixture } from "../support/console-page.ts";

let fixture: ConsoleFixture;
let webhook: Server;
let notifications: string[] = [];

beforeAll(async () => {
  webhook = createServer((request, response) => {
    void text(request).then((body) => {
      notifications.push((JSON.parse(body) as { text: string }).text);
      response.end();
    });
  });
  await new Promise<void>((done) => webhook.listen(0, "127.0.0.1", done));
  fixture = await startConsole({
    readers: {
      reader: { apps: ["shop"], canAlert: true },
      guest: { apps: ["shop"] },
      stranger: { apps: ["other"], canAlert: true },
      newcomer: { apps: ["empty"] },
      archivist: { apps: ["archive"] },
    },
    env: { ALLOW_PRIVATE_WEBHOOKS: "true" },
  });
  await storeDashboardData(fixture.stack);
});
afterAll(async () => {
  await fixture?.[Symbol.asyncDispose]();
  webhook?.close();
});
beforeEach(() => {
  notifications = [];
});

describe("overview", () => {
  it("shows the totals of the reader's logs", async () => {
    await using opened = await fixture.open("?view=overview");
    const { page } = opened;
    const tile = async (label: string): Promise<string> =>
      await page
        .locator(".tile")
        .filter({ has: page.getByText(label, { exact: true }) })
        .locator(".tile-value")
        .innerText();
    await page.locator(".tiles").getByRole("link", { name: "15", exact: true }).waitFor();
    expect(await tile("Logs")).toBe("15");
    expect(await tile("Errors")).toBe("4");
    expect(await tile("Users")).toBe("3");
    expect(await tile("Sessions")).toBe("3");
    expect(await tile("Rejected")).toBe("4");
    expect(await readCells(panel(page, "Apps"), "shop")).toEqual(["15", "4", "26.7%"]);
    expect(await readCells(panel(page, "Versions"), "1.0.0")).toEqual(["8", "2", "25%"]);
    expect(await readCells(panel(page, "Environments"), "staging")).toEqual(["6", "1", "16.7%"]);
    expect(await readCells(panel(page, "Locations"), "52.5° N, 13.4° E")).toEqual(["14", "3", "21.4%"]);
    expect(await readCells(panel(page, "Rejected"), "invalid_field")).toEqual(["3"]);
    expect(await readCells(panel(page, "Dropped by clients"), "Queue full")).toEqual(["17"]);
    const error = await readCells(panel(page, "Top errors"), "TypeError: price is undefined");
    expect(error[1]).toBe("3");
    expect(error[2]).toBe("2");
  });

  it("links every value to the logs that have it", async () => {
    await using opened = await fixture.open("?view=overview");
    const { page } = opened;
    await panel(page, "Environments").getByRole("link", { name: "staging" }).click();
    await waitForLogCount(page, 6);
    expect(readParams(page)).toEqual({ q: "env:staging" });
    await page.goBack();
    const versions = panel(page, "Versions").getByRole("row").filter({ hasText: "1.0.0" });
    await versions.getByRole("link", { name: "2", exact: true }).click();
    await waitForLogCount(page, 2);
    expect(readParams(page)).toEqual({ q: "version:1.0.0", severity: "error" });
    await page.goBack();
    await panel(page, "Versions").getByRole("link", { name: "<img" }).click();
    await waitForLogCount(page, 1);
    await page.goBack();
    await panel(page, "Rejected").getByRole("link", { name: "unknown_field" }).click();
    await page.getByRole("list", { name: "Rejected payloads" }).getByRole("listitem").waitFor();
    expect(readParams(page)).toEqual({ view: "rejected", reason: "unknown_field" });
  });

  it("follows the filter, and shows empty panels if nothing matches", async () => {
    await using opened = await fixture.open("?view=overview&q=env:staging");
    const { page } = opened;
    await page.getByRole("link", { name: "6", exact: true }).first().waitFor();
    await page.getByRole("combobox", { name: "Search logs" }).or(page.getByRole("searchbox")).first().fill("zebra");
    // The query does not apply to rejected payloads: they remain.
    await panel(page, "Top errors").getByText("No errors.").waitFor();
    expect(readParams(page)).toEqual({ view: "overview", q: "zebra" });
  });

  it("leads a reader without logs to the ways to send some", async () => {
    await using opened = await fixture.open("?view=overview&from=all", "newcomer");
    const { page } = opened;
    await page.getByRole("link", { name: "How to send logs" }).click();
    await expect(page.getByText("-u 'empty:KEY'").waitFor()).resolves.toBeUndefined();
  });
});

describe("errors", () => {
  it("groups errors, and shows the stack trace of the latest and a link to all logs", async () => {
    await using opened = await fixture.open("?view=errors");
    const { page } = opened;
    const group = page.getByRole("link", { name: "TypeError: price is undefined" });
    await group.click();
    await page.getByText("at cartTotal (https://shop.example/main.js:10:17)").waitFor();
    expect(await group.getAttribute("aria-expanded")).toBe("true");
    expect(await page.getByRole("status").filter({ hasText: "groups" }).innerText()).toBe("2 of 2 groups");
    await page.getByRole("link", { name: "Show 3 logs" }).click();
    await waitForLogCount(page, 3);
    expect(readParams(page)["q"]).toMatch(/^group:\S+$/);
    await page.goBack();
    await page.getByText("at cartTotal").waitFor();
  });

  it("sorts by the selected order", async () => {
    await using opened = await fixture.open("?view=errors&sort=last");
    const { page } = opened;
    const titles = page.locator(".groups").getByRole("rowheader");
    await titles.first().waitFor();
    expect((await titles.first().innerText()).startsWith("<img")).toBe(true);
    await page.getByLabel("Sort").selectOption("count");
    await expect.poll(() => titles.first().innerText()).toBe("TypeError: price is undefined");
    expect(readParams(page)).toEqual({ view: "errors" });
  });
});

describe("app", () => {
  it("shows rates, errors and sessions of one app", async () => {
    await using opened = await fixture.open("?view=app&app=shop");
    const { page } = opened;
    await page.getByRole("heading", { level: 1, name: /shop/ }).waitFor();
    expect(await readCells(panel(page, "Environments"), "production")).toEqual(["8", "2", "25%"]);
    await panel(page, "Ingest lag").getByText("99th percentile").waitFor();
    await panel(page, "Top sessions").getByRole("link", { name: "s-1" }).click();
    await page.getByRole("heading", { level: 1, name: /s-1/ }).waitFor();
  });
});

describe("session", () => {
  it("shows the events in order, with page views and gaps", async () => {
    await using opened = await fixture.open("?view=session&session=s-1");
    const { page } = opened;
    const list = page.getByRole("list", { name: "Logs of the session, oldest first" });
    await list.getByText("step 6").waitFor();
    const rows = await list.getByRole("listitem").allInnerTexts();
    const events = rows.map((row) => row.match(/step \d|TypeError|no logs for .*|\/checkout$|\/$/)?.[0]);
    expect(events.join(", ")).toBe(
      "/, step 1, step 2, step 3, /checkout, step 4, step 5, TypeError, no logs for 5 min, step 6, TypeError",
    );
    const facts = panel(page, "Session").locator(".facts");
    await facts.getByText("5.1 min").waitFor();
    expect((await facts.innerText()).replaceAll("\n", " ")).toContain("Page views 2 User u-1");
    await list.getByText("step 4").click();
    await page.getByRole("heading", { level: 1, name: "Logs" }).waitFor();
    expect(readParams(page)["q"]).toBe("session:s-1");
    expect(readParams(page)["event"]).toMatch(/^[0-9a-f-]{36}\.shop$/);
  });

  it("loads the next page after the last event", async () => {
    await storeLongSession(fixture.stack, 230);
    await using opened = await fixture.open("?view=session&session=s-long", "archivist");
    const { page } = opened;
    await page.getByText("200 of 230 logs").waitFor();
    await page.getByRole("button", { name: "Show more" }).click();
    await page.getByText("230 of 230 logs").waitFor();
    const rows = await page.locator(".timeline-event a").allInnerTexts();
    expect(rows).toEqual(Array.from({ length: 230 }, (_, n) => `event ${n}`));
    expect(await page.getByRole("button", { name: "Show more" }).count()).toBe(0);
  });

  it("downloads all events", async () => {
    await using opened = await fixture.open("?view=session&session=s-1");
    const { page } = opened;
    // A test cannot answer the file dialog.
    await page.evaluate("delete window.showSaveFilePicker");
    const download = page.waitForEvent("download");
    await page.getByText("Export session").click();
    await page.getByRole("button", { name: "NDJSON" }).first().click();
    const file = await download;
    const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\n");
    expect(file.suggestedFilename()).toMatch(/^logs-.*\.ndjson$/);
    expect(lines).toHaveLength(8);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ document: { body: "step 1" } });
  });
});

describe("rejected", () => {
  it("shows the reason, the payload and the command to replay it", async () => {
    await using opened = await fixture.open("?view=rejected");
    const { page } = opened;
    const list = page.getByRole("list", { name: "Rejected payloads" });
    await list.getByText("severity must be one of").first().waitFor();
    expect(await list.getByRole("listitem").count()).toBe(4);
    await page.getByRole("combobox", { name: "Reason" }).selectOption("unknown_field");
    await expect.poll(() => list.getByRole("listitem").count()).toBe(1);
    await list.locator("summary").click();
    await list.getByText("Custom fields go under attributes.").waitFor();
    expect(await list.getByLabel("Payload").innerText()).toContain("<img src=x onerror=");
    await list.getByText(/^npm run rejected -- replay [0-9a-f-]{36}$/).waitFor();
  });
});

describe("alerts", () => {
  it("creates, tests, silences, disables and deletes a rule", async () => {
    const { port } = webhook.address() as AddressInfo;
    await using opened = await fixture.open("?view=alerts");
    const { page } = opened;
    await page.getByText("No alerts yet").waitFor();
    await page.getByRole("button", { name: "New alert" }).click();
    const form = page.getByRole("dialog", { name: "New alert" });
    await form.getByLabel("Name").fill("Checkout fails");
    await form.getByRole("checkbox", { name: "shop" }).check();
    await form.getByLabel("Query").fill("level:loud");
    await form.getByLabel("Webhook").fill(`http://127.0.0.1:${port}/secret-path`);
    await form.getByRole("button", { name: "Save" }).click();
    await form.locator("mark").getByText("loud").waitFor();
    await form.getByLabel("Query").fill("level:error");
    await form.getByLabel("Logs", { exact: true }).fill("3");
    await form.getByLabel("Window (min)").fill("60");
    await form.getByText("4 logs in the last 60 minutes: the alert would fire.").waitFor();
    await form.getByLabel("Webhook").fill("ftp://hooks.example/x");
    await form.getByRole("button", { name: "Save" }).click();
    await form.locator(".alert-field").filter({ hasText: "Webhook" }).getByRole("alert").waitFor();
    await form.getByLabel("Webhook").fill(`http://127.0.0.1:${port}/secret-path`);
    await form.getByRole("button", { name: "Save" }).click();

    const rule = page.getByRole("listitem").filter({ hasText: "Checkout fails" });
    await rule.getByText("3 or more in 1 h").waitFor();
    expect(await page.getByText("secret-path").count()).toBe(0);
    await rule.getByRole("button", { name: "Test" }).click();
    await rule.getByText("The webhook accepted the message. (200)").waitFor();
    expect(notifications).toHaveLength(1);
    expect(notifications[0]).toContain("[test] *Checkout fails*");

    await rule.getByRole("button", { name: "Silence" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "1 hour" }).click();
    await rule.getByText(", silenced").waitFor();
    await fixture.stack.request("/cdn-cgi/local/scheduled?cron=*+*+*+*+*");
    expect(notifications).toHaveLength(1);
    await page.reload();
    await rule.getByText("firing, silenced").waitFor();
    await rule.getByText("last count: 4").waitFor();
    await rule.getByRole("button", { name: "End silence" }).click();
    await rule.getByText("firing", { exact: true }).waitFor();
    await rule.getByRole("button", { name: "Disable" }).click();
    await rule.getByText("disabled").waitFor();

    await rule.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog", { name: "Delete this alert?" }).getByRole("button", { name: "Delete" }).click();
    await page.getByText("No alerts yet").waitFor();
  });

  it("are read-only for a token without the permission to edit", async () => {
    const name = HOSTILE.replaceAll(/\p{Cc}/gu, "");
    const rule = { name, apps: ["shop"], q: "", threshold: 1, windowMinutes: 1, webhookUrl: "https://a.example/s" };
    const created = await fixture.stack.request("/alerts", "reader", { method: "POST", body: JSON.stringify(rule) });
    expect(created.status).toBe(201);
    await using opened = await fixture.open("?view=alerts", "guest");
    const { page } = opened;
    await page.getByText("1 or more in 1 min").waitFor();
    await page.getByText("Read-only: your token does not have permission").waitFor();
    expect(await page.locator("main").getByRole("button").count()).toBe(0);
  });
});

const EVERY_VIEW = [
  "?view=overview",
  "?view=errors",
  "?view=app&app=shop",
  `?view=session&session=${encodeURIComponent(HOSTILE)}`,
  "?view=rejected",
  "?view=alerts",
];

describe("every page", () => {
  it("shows markup in logs as text", async () => {
    const check = async (query: string): Promise<void> => {
      await using opened = await fixture.open(query);
      const { page, errors } = opened;
      await waitUntilLoaded(page);
      if (query.includes("rejected")) await page.locator("summary").first().click();
      if (query.includes("errors")) await page.getByRole("link", { name: "<img" }).first().click();
      const shown = page.locator("main");
      await shown.getByText("<img src=x onerror=").first().waitFor();
      await waitUntilLoaded(page);
      const seen = await shown.innerText();
      expect({
        query,
        errors,
        elements: await page.locator("img[src=x], main script").count(),
        title: await page.title(),
        invisible: ["\u001b", "\u202e"].filter((character) => seen.includes(character)),
      }).toEqual({ query, errors: [], elements: 0, title: expect.stringMatching(/^\w+ · edgelog$/), invisible: [] });
    };
    await Promise.all(EVERY_VIEW.map(check));
  });

  it("shows no data of other apps", async () => {
    const check = async (query: string): Promise<void> => {
      await using opened = await fixture.open(query);
      await waitUntilLoaded(opened.page);
      const seen = await opened.page.locator("main").innerText();
      // The session id of the address may be shown; nothing else may contain the name.
      expect(seen.replace(new RegExp(`Session\\s+${SECRET}`), "")).not.toContain(SECRET);
    };
    const others = ["?view=app", `?view=session&session=${SECRET}`, "?view=app&app=other", "?view=rejected&app=other"];
    await Promise.all([...EVERY_VIEW, ...others].map(check));
    await using own = await fixture.open("?view=overview", "stranger");
    await own.page.getByText(SECRET).first().waitFor();
  });
});
