/**
 * Alerts from end to end: a rule is made over HTTP, the cron trigger checks it, a webhook is told.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { AlertRule, AlertsResponse } from "#contract/api/alerts.ts";
import { startReadStack, type ReadStack } from "../support/read-stack.ts";

let line: ReadStack;
let webhook: Server;
let status = 200;
let told: string[] = [];

beforeAll(async () => {
  webhook = createServer((request, response) => {
    void text(request).then((body) => {
      told.push((JSON.parse(body) as { text: string }).text);
      response.writeHead(status, { Location: "http://127.0.0.1:9/" }).end();
    });
  });
  await new Promise<void>((done) => webhook.listen(0, "127.0.0.1", done));
  line = await startReadStack({
    readers: { reader: { apps: ["shop"], canAlert: true } },
    env: { ALLOW_PRIVATE_WEBHOOKS: "true" },
  });
});
afterAll(async () => {
  await line?.[Symbol.asyncDispose]();
  webhook.close();
});
beforeEach(async () => {
  status = 200;
  for (const { id } of (await line.read<AlertsResponse>("/alerts")).rules) {
    await line.request(`/alerts/${id}`, "reader", { method: "DELETE" });
  }
  told = [];
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

const make = async (more: object = {}): Promise<AlertRule> => {
  const response = await line.request("/alerts", "reader", { method: "POST", body: JSON.stringify(ruleOf(more)) });
  expect(response.status).toBe(201);
  return (await response.json()) as AlertRule;
};

const check = async (): Promise<AlertRule | undefined> => {
  expect((await line.request("/cdn-cgi/local/scheduled?cron=*+*+*+*+*")).status).toBe(200);
  return (await line.read<AlertsResponse>("/alerts")).rules[0];
};

const logErrors = async (count: number): Promise<void> => {
  const events = Array.from({ length: count }, () => ({ body: "payment declined", severity: "error" }));
  await line.store("shop", { v: 1, events });
};

it("tells the webhook once when there are too many, and says how it stands", async () => {
  const { id, state } = await make();
  expect(state).toEqual({ status: "no_data" });
  expect(await check()).toMatchObject({ id, state: { status: "ok", count: 0 } });
  await logErrors(2);
  expect(await check()).toMatchObject({ state: { status: "firing", count: 2 } });
  await Promise.all([check(), check(), check()]);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain("declined payments");
  expect(told[0]).toContain("2 logs in the last 5 min");
});

it("tells once though two checks run at the same time", async () => {
  await logErrors(2);
  await make();
  await Promise.all([check(), check(), check(), check()]);
  expect(told).toHaveLength(1);
});

it("tries again when the webhook did not take it, and follows no redirect", async () => {
  await logErrors(2);
  await make();
  status = 302;
  expect((await check())?.state.lastError).toContain("302");
  status = 200;
  const rule = await check();
  expect(told).toHaveLength(2);
  expect(rule?.state.lastError).toBeUndefined();
});

it("stays silent when it is told to, or switched off", async () => {
  await logErrors(2);
  const { id } = await make({ silencedUntil: new Date(Date.now() + 3_600_000).toISOString() });
  expect((await check())?.state.status).toBe("firing");
  const changed = await line.request(`/alerts/${id}`, "reader", {
    method: "PUT",
    body: JSON.stringify(ruleOf({ isEnabled: false })),
  });
  expect(changed.status).toBe(200);
  await check();
  expect(told).toEqual([]);
});

it("has a test that says what the webhook answered", async () => {
  const { id } = await make();
  const attempt = async (): Promise<unknown> =>
    (await line.request(`/alerts/${id}/test`, "reader", { method: "POST" })).json();
  expect(await attempt()).toMatchObject({ delivered: true, status: 200 });
  expect(told[0]).toContain("[test]");
  status = 410;
  expect(await attempt()).toMatchObject({ delivered: false, status: 410 });
});

it.each([
  ["a query that can't be read", { q: "level:loud" }, { reason: "invalid_query", offset: 6 }],
  ["an app that is not the reader's", { apps: ["other"] }, { reason: "forbidden_app" }],
  ["a field that nobody knows", { color: "red" }, { reason: "unknown_field" }],
  ["a webhook that is none", { webhookUrl: "ftp://x.example" }, { reason: "invalid_field", field: "webhookUrl" }],
])("refuses %s", async (_, more, problem) => {
  const response = await line.request("/alerts", "reader", { method: "POST", body: JSON.stringify(ruleOf(more)) });
  expect(await response.json()).toMatchObject(problem);
});
