/** Alerts end to end: a rule is created over HTTP, checked by the cron trigger, and notifies a webhook. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { AlertRule, AlertsResponse } from "#contract/api/alerts.ts";
import { startReadStack, type ReadStack } from "../support/read-stack.ts";

let stack: ReadStack;
let webhook: Server;
let status = 200;
let notifications: string[] = [];

beforeAll(async () => {
  webhook = createServer((request, response) => {
    void text(request).then((body) => {
      notifications.push((JSON.parse(body) as { text: string }).text);
      response.writeHead(status, { Location: "http://127.0.0.1:9/" }).end();
    });
  });
  await new Promise<void>((done) => webhook.listen(0, "127.0.0.1", done));
  stack = await startReadStack({
    readers: { reader: { apps: ["shop"], canAlert: true } },
    env: { ALLOW_PRIVATE_WEBHOOKS: "true" },
  });
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  webhook.close();
});
const deleteLogs = (): Promise<unknown> =>
  stack.queryOpenSearch("/logs-*/_delete_by_query?refresh=true&conflicts=proceed", { query: { match_all: {} } });

beforeEach(async () => {
  status = 200;
  for (const { id } of (await stack.read<AlertsResponse>("/alerts")).rules) {
    await stack.request(`/alerts/${id}`, "reader", { method: "DELETE" });
  }
  await deleteLogs();
  notifications = [];
});

const ruleOf = (more: object = {}): object => ({
  name: "declined payments",
  apps: ["shop"],
  q: "level:error declined",
  threshold: 2,
  windowMinutes: 5,
  webhookUrl: `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/hook`,
  ...more,
});

const createRule = async (more: object = {}): Promise<AlertRule> => {
  const response = await stack.request("/alerts", "reader", { method: "POST", body: JSON.stringify(ruleOf(more)) });
  expect(response.status).toBe(201);
  return (await response.json()) as AlertRule;
};

const runCheck = async (): Promise<AlertRule | undefined> => {
  expect((await stack.request("/cdn-cgi/local/scheduled?cron=*+*+*+*+*")).status).toBe(200);
  return (await stack.read<AlertsResponse>("/alerts")).rules[0];
};

/** Before the last seconds, which a check leaves out. */
const logErrors = async (count: number): Promise<void> => {
  const time = Date.now() - 15_000;
  const events = Array.from({ length: count }, () => ({ time, body: "payment declined", severity: "error" }));
  await stack.store("shop", { v: 1, events });
};

it("notifies the webhook once when the threshold is reached, and reports its state", async () => {
  const { id, state } = await createRule();
  expect(state).toEqual({ status: "no_data" });
  expect(await runCheck()).toMatchObject({ id, state: { status: "ok", count: 0 } });
  await logErrors(2);
  expect(await runCheck()).toMatchObject({ state: { status: "firing", count: 2 } });
  await Promise.all([runCheck(), runCheck(), runCheck()]);
  expect(notifications).toHaveLength(1);
  expect(notifications[0]).toContain("declined payments");
  expect(notifications[0]).toContain("2 logs in the last 5 min");
});

it("notifies once when checks run concurrently", async () => {
  await logErrors(2);
  await createRule();
  await Promise.all([runCheck(), runCheck(), runCheck(), runCheck()]);
  expect(notifications).toHaveLength(1);
});

it("retries after a failed notification, and follows no redirect", async () => {
  await logErrors(2);
  await createRule();
  status = 302;
  expect((await runCheck())?.state.lastError).toContain("302");
  status = 200;
  const rule = await runCheck();
  expect(notifications).toHaveLength(2);
  expect(rule?.state.lastError).toBeUndefined();
});

it("sends a notification that the webhook did not accept even if the rule no longer fires", async () => {
  await logErrors(2);
  await createRule();
  status = 503;
  const failed = await runCheck();
  expect(failed?.state).toMatchObject({
    status: "firing",
    lastError: "The webhook responded with 503.",
    pending: { count: 2 },
  });
  await deleteLogs();
  expect((await runCheck())?.state).toMatchObject({ status: "ok", lastError: "The webhook responded with 503." });
  status = 200;
  const delivered = await runCheck();
  expect(notifications).toHaveLength(3);
  expect(notifications[2]).toContain(`2 logs in the 5 min before ${failed?.state.pending?.at}`);
  expect(delivered?.state).toMatchObject({ status: "ok", notifiedAt: expect.any(String) });
  expect([delivered?.state.lastError, delivered?.state.pending]).toEqual([undefined, undefined]);
});

it("sends a pending notification after an edit of the webhook, and not after an edit of the condition", async () => {
  await logErrors(2);
  const { id, webhookUrl } = await createRule();
  status = 503;
  const edit = async (more: object): Promise<void> => {
    expect((await runCheck())?.state.pending).toMatchObject({ count: 2 });
    const body = JSON.stringify(ruleOf(more));
    expect((await stack.request(`/alerts/${id}`, "reader", { method: "PUT", body })).status).toBe(200);
  };
  await edit({ threshold: 3 });
  status = 200;
  await runCheck();
  expect(notifications).toHaveLength(1);
  status = 503;
  await stack.request(`/alerts/${id}`, "reader", { method: "PUT", body: JSON.stringify(ruleOf()) });
  await edit({ webhookUrl: `${webhookUrl}/new` });
  await deleteLogs();
  status = 200;
  expect((await runCheck())?.state).toMatchObject({ status: "ok", notifiedAt: expect.any(String) });
  expect(notifications).toHaveLength(3);
});

it("notifies for the logs of an outage of OpenSearch, which are stored after it", async () => {
  const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
  const { id } = await createRule({ windowMinutes: 1 });
  const doc = { updatedAt: minutesAgo(60) };
  await stack.queryOpenSearch(`/edgelog-alerts/_update/${id}?refresh=true`, { doc });
  await stack.queryOpenSearch("/edgelog-status/_doc/alerts", { countedTo: minutesAgo(6) }, "PUT");
  expect(await runCheck()).toMatchObject({ state: { status: "ok", count: 0, missed: { from: expect.any(String) } } });
  const time = Date.now() - 180_000;
  const toEvent = (offset: number): object => ({ time: time + offset, body: "payment declined", severity: "error" });
  await stack.store("shop", { v: 1, events: [toEvent(0), toEvent(100_000)] });
  await runCheck();
  expect(notifications).toEqual([]);
  await stack.store("shop", { v: 1, events: [toEvent(10)] });
  expect((await runCheck())?.state).toMatchObject({ status: "ok", notifiedAt: expect.any(String) });
  expect(notifications).toEqual([expect.stringMatching(/: 2 logs in the 1 min before 2/)]);
  await runCheck();
  expect(notifications).toHaveLength(1);
});

it("sends no notification while silenced or disabled", async () => {
  await logErrors(2);
  const { id } = await createRule({ silencedUntil: new Date(Date.now() + 3_600_000).toISOString() });
  expect((await runCheck())?.state.status).toBe("firing");
  const changed = await stack.request(`/alerts/${id}`, "reader", {
    method: "PUT",
    body: JSON.stringify(ruleOf({ isEnabled: false })),
  });
  expect(changed.status).toBe(200);
  await runCheck();
  expect(notifications).toEqual([]);
});

it("counts although an index of another time is unavailable", async () => {
  const index = "logs-365d-2025.01";
  const settings = { "index.routing.allocation.require._name": "no-such-node" };
  await stack.queryOpenSearch(`/${index}?wait_for_active_shards=0`, { settings }, "PUT");
  await createRule();
  // Another job of the same cron line fails meanwhile.
  await stack.request("/cdn-cgi/local/scheduled?cron=*+*+*+*+*");
  const [rule] = (await stack.read<AlertsResponse>("/alerts")).rules;
  await stack.queryOpenSearch(`/${index}`, undefined, "DELETE");
  expect(rule?.state).toMatchObject({ status: expect.stringMatching(/^(ok|firing)$/), count: expect.any(Number) });
  expect(rule?.state.lastError).toBeUndefined();
});

it("reports a query that is no longer valid after an upgrade", async () => {
  await logErrors(1);
  const { id } = await createRule();
  await stack.queryOpenSearch(`/edgelog-alerts/_update/${id}?refresh`, { doc: { q: "*a????????????????" } });
  expect((await runCheck())?.state).toEqual({
    status: "no_data",
    missed: { from: expect.any(String) },
    lastError: "The query is invalid.",
  });
});

it("reports the status of the webhook for a test notification", async () => {
  const { id } = await createRule();
  const attempt = async (): Promise<unknown> =>
    (await stack.request(`/alerts/${id}/test`, "reader", { method: "POST" })).json();
  expect(await attempt()).toMatchObject({ delivered: true, status: 200 });
  expect(notifications[0]).toContain("[test]");
  status = 410;
  expect(await attempt()).toMatchObject({ delivered: false, status: 410 });
});

it.each([
  ["an invalid query", { q: "level:loud" }, { reason: "invalid_query", offset: 6 }],
  ["an app outside the token's scope", { apps: ["other"] }, { reason: "forbidden_app" }],
  [
    "an unknown field",
    { message: "Too many errors" },
    {
      reason: "unknown_field",
      detail: expect.stringMatching(/^Unknown field message\. The fields are name, apps, q, condition, .*\.$/),
    },
  ],
  ["an invalid webhook URL", { webhookUrl: "ftp://x.example" }, { reason: "invalid_field", field: "webhookUrl" }],
])("refuses a rule with %s", async (_, more, problem) => {
  const response = await stack.request("/alerts", "reader", { method: "POST", body: JSON.stringify(ruleOf(more)) });
  expect(await response.json()).toMatchObject(problem);
});

it("refuses a request body that is not an object", async () => {
  const response = await stack.request("/alerts", "reader", { method: "POST", body: "[]" });
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { reason: "invalid_field", detail: "The request body must be an object." },
  ]);
});
