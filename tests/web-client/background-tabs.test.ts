/**
 * Connections of hidden tabs. Connections and how they ended are read from the broker's log, stored events from
 * OpenSearch.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { pathsOf } from "../../stack/lib/state-dir.ts";
import { makeHome } from "../support/make-home.ts";
import { startBrowser, type Browser } from "../support/browser.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";
import { expectStoredOnce } from "../support/web-client/expect-stored-once.ts";
import { servePage, type ServedPage } from "../support/web-client/serve-page.ts";

const HIDDEN_IDLE_MS = 500;

let home: string;
let line: TestStack;
let site: ServedPage;
let browser: Browser;
const opened: Page[] = [];
beforeAll(async () => {
  home = await makeHome("edgelog-tabs");
  const { mosquitto } = pathsOf(home);
  await mkdir(join(mosquitto, "conf.d"), { recursive: true });
  // By default the broker does not log connections, because the lines name client ids.
  await writeFile(join(mosquitto, "conf.d", "connections.conf"), "log_type notice\nconnection_messages true\n");
  line = await startTestStack({ home });
  site = await servePage("./toolbox.ts", "../../../web-client/logger/send/mqtt/shared-link-worker.ts");
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
  await line?.[Symbol.asyncDispose]();
  if (home !== undefined) await rm(home, { recursive: true, force: true });
});
afterEach(async () => {
  for (const page of opened.splice(0)) await page.close();
});

/** Each service has its own origin, so that a tab finds no events of another test. */
const openTab = async (service: string, transport: "auto" | "mqtt", clientId = service, before = ""): Promise<Page> => {
  const { app, worker } = line.stack.file;
  const page = await browser.context.newPage();
  opened.push(page);
  await page.addInitScript(before);
  await page.goto(site.originOf(service));
  await page.waitForFunction(() => "edgelog" in globalThis);
  const options = { app: app.id, key: app.key, endpoint: worker, transport, clientId };
  await page.evaluate(
    ([given, resource, hiddenIdleMs]) => {
      const log = globalThis.window.edgelog.createLogger({ ...given, resource, tuning: { hiddenIdleMs } });
      Object.assign(globalThis, { log });
    },
    [options, { "service.name": service }, HIDDEN_IDLE_MS] as const,
  );
  return page;
};

/** Chromium without a window shows all its tabs, so visibility is simulated. */
const setHidden = (page: Page, isHidden: boolean): Promise<void> =>
  page.evaluate((hidden) => {
    Object.defineProperties(document, {
      hidden: { configurable: true, value: hidden },
      visibilityState: { configurable: true, value: hidden ? "hidden" : "visible" },
    });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, isHidden);

const log = (page: Page, from: number, count: number): Promise<void> =>
  page.evaluate(
    ([first, length]) => {
      for (let n = first; n < first + length; n += 1) globalThis.window.log.info(`event ${n}`, { n });
    },
    [from, count] as const,
  );

const statusOf = (page: Page) => page.evaluate(() => globalThis.window.log.status);

/** How often a client with this id connected, disconnected, and lost its connection. */
const readVisits = async (clientId: string): Promise<Record<"connected" | "disconnected" | "lost", number>> => {
  const lines = (await readFile(join(home, "logs", "broker.log"), "utf8")).split("\n");
  const count = (pattern: RegExp): number => lines.filter((text) => pattern.test(text)).length;
  return {
    connected: count(new RegExp(`New client connected.* as ${clientId} `)),
    disconnected: count(new RegExp(`Client ${clientId} .*disconnected\\.`)),
    lost: count(new RegExp(`Client ${clientId} .*closed its connection`)),
  };
};

const expectAll = (service: string, count: number): Promise<void> => expectStoredOnce(line, service, count);

const POLL = { timeout: 10_000, interval: 100 };

/**
 * Resolves when a tab that is hidden from now on has closed its own connection: all other tabs have been idle for longer.
 */
const outlastIdle = async (name: string): Promise<void> => {
  const marker = `marker-${name}`;
  const page = await openTab(marker, "mqtt");
  await expect.poll(() => readVisits(marker), POLL).toMatchObject({ connected: 1 });
  await setHidden(page, true);
  await expect.poll(() => readVisits(marker), POLL).toMatchObject({ disconnected: 1 });
};

it.each(["auto", "mqtt"] as const)(
  "a hidden tab disconnects, and reconnects when it is visible (%s)",
  async (transport) => {
    const service = `seen-${transport}`;
    const page = await openTab(service, transport);
    await log(page, 0, 10);
    await expect.poll(() => statusOf(page), POLL).toEqual({ state: "online", transport: "mqtt" });
    await outlastIdle(`${service}-visible`);
    expect(await readVisits(service)).toEqual({ connected: 1, disconnected: 0, lost: 0 });
    await setHidden(page, true);
    await expect.poll(() => readVisits(service), POLL).toEqual({ connected: 1, disconnected: 1, lost: 0 });
    await outlastIdle(`${service}-hidden`);
    expect(await readVisits(service)).toEqual({ connected: 1, disconnected: 1, lost: 0 });
    await setHidden(page, false);
    await expect.poll(() => readVisits(service), POLL).toEqual({ connected: 2, disconnected: 1, lost: 0 });
    await log(page, 10, 10);
    await expectAll(service, 20);
  },
);

it("a hidden tab uses HTTP (auto)", async () => {
  const page = await openTab("hidden-auto", "auto");
  await expect.poll(() => statusOf(page), POLL).toMatchObject({ transport: "mqtt" });
  await setHidden(page, true);
  await expect.poll(() => statusOf(page), POLL).toMatchObject({ transport: "http" });
  await log(page, 0, 500);
  await expectAll("hidden-auto", 500);
  expect(await readVisits("hidden-auto")).toEqual({ connected: 1, disconnected: 1, lost: 0 });
});

it("in a hidden tab a log opens the connection, which closes again (mqtt)", async () => {
  const page = await openTab("hidden-mqtt", "mqtt");
  await expect.poll(() => readVisits("hidden-mqtt"), POLL).toMatchObject({ connected: 1 });
  await setHidden(page, true);
  await expect.poll(() => readVisits("hidden-mqtt"), POLL).toMatchObject({ disconnected: 1 });
  await log(page, 0, 500);
  await expectAll("hidden-mqtt", 500);
  await expect.poll(() => readVisits("hidden-mqtt"), POLL).toEqual({ connected: 2, disconnected: 2, lost: 0 });
  expect(await page.evaluate(() => globalThis.window.log.counts)).toMatchObject({
    stored: 500,
    queued: 0,
    inFlight: 0,
  });
});

it("tabs share one connection, and closing one tab does not end it", async () => {
  const first = await openTab("shared", "mqtt", "shared-1");
  await log(first, 0, 10);
  await expect.poll(() => readVisits("shared-1"), POLL).toMatchObject({ connected: 1 });
  const second = await openTab("shared", "mqtt", "shared-2");
  await expect.poll(() => statusOf(second), POLL).toEqual({ state: "online", transport: "mqtt" });
  await Promise.all([log(first, 10, 500), log(second, 510, 500)]);
  await first.close();
  await log(second, 1_010, 500);
  await expectAll("shared", 1_510);
  expect(await readVisits("shared-1")).toEqual({ connected: 1, disconnected: 0, lost: 0 });
  expect(await readVisits("shared-2")).toEqual({ connected: 0, disconnected: 0, lost: 0 });
});

/** Ends the SharedWorker abruptly, to simulate a crash. */
const endSharedWorker = async (page: Page): Promise<void> => {
  const devtools = await browser.context.newCDPSession(page);
  const { targetInfos } = await devtools.send("Target.getTargets");
  const targets = targetInfos.filter(({ type }) => type === "shared_worker");
  expect(targets).toHaveLength(1);
  for (const { targetId } of targets) await devtools.send("Target.closeTarget", { targetId });
};

it.each(["SharedWorker", "broker"] as const)("two tabs store all events when the %s is killed", async (what) => {
  const service = `killed-${what}`;
  const first = await openTab(service, "mqtt", `${service}-1`);
  const second = await openTab(service, "mqtt", `${service}-2`);
  for (const page of [first, second]) {
    await expect.poll(() => statusOf(page), POLL).toEqual({ state: "online", transport: "mqtt" });
  }
  await Promise.all([log(first, 0, 500), log(second, 500, 500)]);
  if (what === "SharedWorker") await endSharedWorker(first);
  else line.stack.services.broker.kill("SIGKILL");
  await Promise.all([log(first, 1_000, 500), log(second, 1_500, 500)]);
  await expectAll(service, 2_000);
});

it("a tab connects directly if the SharedWorker may not connect (mqtt)", async () => {
  site.policies.set("/shared-link-worker.js", "connect-src 'none'");
  const page = await openTab("forbidden", "mqtt");
  await log(page, 0, 10);
  await expect.poll(() => statusOf(page), POLL).toEqual({ state: "online", transport: "mqtt" });
  site.policies.clear();
  await expectAll("forbidden", 10);
});

it("a hidden tab does not close the connection of the others", async () => {
  const first = await openTab("left", "mqtt", "left-1");
  const second = await openTab("left", "mqtt", "left-2");
  await expect.poll(() => statusOf(second), POLL).toEqual({ state: "online", transport: "mqtt" });
  await setHidden(first, true);
  await outlastIdle("left");
  await log(second, 0, 10);
  await expectAll("left", 10);
  expect(await readVisits("left-\\d")).toEqual({ connected: 1, disconnected: 0, lost: 0 });
  await setHidden(second, true);
  await expect.poll(() => readVisits("left-\\d"), POLL).toEqual({ connected: 1, disconnected: 1, lost: 0 });
});

it.each([
  ["missing", "delete globalThis.SharedWorker"],
  [
    "unavailable",
    "SharedWorker = class extends SharedWorker { constructor() { super('/none', { type: 'module' }); } }",
  ],
])("a tab whose SharedWorker is %s connects directly", async (what, before) => {
  const service = `alone-${what.length}`;
  for (const n of [1, 2]) {
    const page = await openTab(service, "mqtt", `${service}-${n}`, before);
    await expect.poll(() => statusOf(page), POLL).toEqual({ state: "online", transport: "mqtt" });
    await log(page, 10 * n, 10);
  }
  await expectAll(service, 20);
  expect(await readVisits(`${service}-\\d`)).toEqual({ connected: 2, disconnected: 0, lost: 0 });
});
