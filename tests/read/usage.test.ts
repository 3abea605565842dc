/** Quotas and usage in workerd: the cron job counts, POST /logs rejects over the quota, GET /usage and /healthz report it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { healthSchema, type Health } from "#contract/api/health.ts";
import { usageResponseSchema, type UsageResponse } from "#contract/api/usage.ts";
import type { Receipt } from "#contract/wire/receipt.ts";
import { createRecord, type AppSettings } from "../../stack/apps/records.ts";
import { startReadStack, type ReadStack } from "../support/read-stack.ts";

const QUOTA = 20_000;
const settings: AppSettings = { retentionDays: 30, origins: [], rate: "unlimited" };
const shop = createRecord(settings);
const victim = createRecord(settings);

let stack: ReadStack;
beforeAll(async () => {
  stack = await startReadStack({
    readers: { reader: { apps: ["shop"] }, both: { apps: ["shop", "victim"] } },
    entries: { "app:shop": { ...shop.record, bytesPerDay: QUOTA, eventsPerSecond: 500 }, "app:victim": victim.record },
  });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const post = async (app: string, key: string, events: readonly object[]): Promise<Receipt> => {
  const response = await fetch(new URL("/logs", stack.worker.url), {
    method: "POST",
    body: JSON.stringify(events),
    headers: { Authorization: `Bearer ${app}:${key}` },
  });
  return (await response.json()) as Receipt;
};

const count = async (): Promise<void> => {
  await stack.queryOpenSearch("/logs-*,rejected-*/_refresh", {});
  expect((await stack.request("/cdn-cgi/local/scheduled?cron=*+*+*+*+*")).status).toBe(200);
};

const findUsed = async (app: string) => (await readUsage("both")).days[0]?.apps.find((each) => each.app === app);

const readUsage = async (reader: string): Promise<UsageResponse> =>
  usageResponseSchema.parse(await stack.read("/usage?days=1", reader));

const readHealth = async (): Promise<Health> =>
  healthSchema.parse(await (await fetch(new URL("/healthz", stack.worker.url))).json());

it(
  "rejects the least important events of an app over its quota, and reports its usage",
  { timeout: 180_000 },
  async () => {
    expect((await readUsage("both")).days).toEqual([]);
    const events = Array.from({ length: 25 }, () => ({ severity: "error", body: "x".repeat(500) }));
    expect(await post("shop", shop.key, events)).toMatchObject({ stored: 25 });
    expect(await post("victim", victim.key, events)).toMatchObject({ stored: 25 });
    await count();
    const [day] = (await readUsage("both")).days;
    expect(day?.apps.map(({ app }) => app).toSorted()).toEqual(["shop", "victim"]);
    const used = day?.apps.find(({ app }) => app === "shop");
    expect(used).toMatchObject({ events: 25, rejected: 0, overQuota: 0, bytesPerDay: QUOTA, eventsPerSecond: 500 });
    expect(used?.bytes).toBeGreaterThan(0.8 * QUOTA);
    expect(used?.bytes).toBeLessThan(1.5 * QUOTA);
    // The Worker reads usage once a minute for its health and for quotas.
    await expect
      .poll(async () => (await readHealth()).problems.map(({ code }) => code), { timeout: 90_000, interval: 1_000 })
      .toContain("quota_warning");
    expect(JSON.stringify(await readHealth())).not.toContain("shop");

    const more = [{ severity: "debug", body: "secret" }, ...events, { severity: "debug", body: "secret" }];
    const receipts = [await post("shop", shop.key, more), await post("shop", shop.key, more)];
    const rejected = receipts.flatMap((receipt) => receipt.rejected);
    expect(rejected.at(-1)).toMatchObject({ index: 26, reason: "over_quota", limit: QUOTA });
    expect(await post("victim", victim.key, more)).toMatchObject({ stored: 27, rejected: [] });

    await count();
    const [after] = (await readUsage("reader")).days;
    expect(after?.apps.map(({ app }) => app)).toEqual(["shop"]);
    expect(after?.apps[0]?.overQuota).toBe(rejected.length);
    expect(after?.apps[0]?.rejectedBytes).toBe(0);
    const { byReason, hits } = await stack.read<{ byReason: object[]; hits: { document: object }[] }>("/rejected");
    expect(byReason).toMatchObject([{ reason: "over_quota" }]);
    expect(hits[0]?.document).toMatchObject({ reason: "over_quota", payload: { bytes: 0 } });
    expect(JSON.stringify(hits)).not.toContain("secret");
  },
);

it("counts the size of rejected events", async () => {
  const before = await findUsed("victim");
  const invalid = { severity: "info", body: "x".repeat(5_000), unknown: true };
  expect((await post("victim", victim.key, [invalid, invalid])).rejected).toHaveLength(2);
  await count();
  const after = await findUsed("victim");
  expect(after?.rejected).toBe(2);
  expect(after?.rejectedBytes).toBeGreaterThan(10_000);
  expect(after?.rejectedBytes).toBeLessThan(12_000);
  expect(after?.bytes).toBe((before?.bytes ?? 0) + (after?.rejectedBytes ?? 0));
});

it("hides other apps", async () => {
  expect((await stack.request("/usage?app=victim", "reader")).status).toBe(403);
  expect((await stack.request("/usage")).status).toBe(401);
});
