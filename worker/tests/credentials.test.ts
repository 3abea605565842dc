/**
 * The forms in which clients send the key of an app, through all handlers of the Worker.
 */
import { createHash } from "node:crypto";
import type { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { SHOP_RECORD } from "./support/scripted-store.ts";

// Not a static import: tests are checked with the types of Node.js, the Worker with those of workerd.
const { createApp } = (await import(new URL("../src/app.ts", import.meta.url).href)) as {
  readonly createApp: (runtime?: unknown) => Hono;
};

const KEY = "elk_test";
const PAIR = `shop:${KEY}`;
const RECORD = {
  ...SHOP_RECORD,
  keys: [{ ...SHOP_RECORD.keys[0], hash: createHash("sha256").update(KEY).digest("hex") }],
  rate: "unlimited",
};

const OPENSEARCH = {
  fetch: (_url: string, init: { readonly body?: unknown }): Promise<Response> => {
    const lines = String(init.body ?? "").split("\n");
    const items = lines.filter((line) => line.startsWith('{"create"')).map(() => ({ create: { status: 201 } }));
    return Promise.resolve(Response.json({ took: 1, errors: false, items, hits: { hits: [] } }));
  },
};
const env = {
  OPENSEARCH_URL: "http://opensearch.invalid",
  OPENSEARCH,
  APPS: { get: (key: string) => Promise.resolve(key === "app:shop" ? RECORD : null) },
};
const context = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} };

const send = async (path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  createApp().request(path, { method: "POST", body, headers }, env, context);

const EVENT = '{"event":"a","message":"a"}';
const LINE = "<40>1 2025-11-23T09:00:00Z h app web.1 - a";
const FRAME = `${LINE.length} ${LINE}`;

describe("a key is accepted", () => {
  it.each([
    ["in Splunk's scheme", "/services/collector", EVENT, { Authorization: `Splunk ${PAIR}` }],
    ["as the password of any user", "/services/collector", EVENT, { Authorization: `Basic ${btoa(`x:${PAIR}`)}` }],
    ["as a token in the query", `/services/collector?token=${PAIR}`, EVENT, {}],
    ["in Datadog's header", "/api/v2/logs", `[${EVENT}]`, { "DD-API-KEY": PAIR }],
    ["in Datadog's query parameter", `/api/v2/logs?dd-api-key=${PAIR}`, `[${EVENT}]`, {}],
    ["in Datadog's path", `/v1/input/${encodeURIComponent(PAIR)}`, `[${EVENT}]`, {}],
    ["in Firehose's header", "/firehose", '{"records":[{"data":"YQ=="}]}', { "X-Amz-Firehose-Access-Key": PAIR }],
    ["in the query", `/reports?app=shop&key=${KEY}`, '[{"type":"crash"}]', {}],
    ["with Basic", "/heroku", FRAME, { Authorization: `Basic ${btoa(PAIR)}` }],
    ["with Bearer", "/vercel", `[${EVENT}]`, { Authorization: `Bearer ${PAIR}` }],
  ])("%s", async (_name, path, body, headers) => {
    const response = await send(path, body, headers);
    expect([response.status, await response.text()]).toEqual([expect.toBeOneOf([200, 202, 204]), expect.any(String)]);
  });
});

describe("a wrong key is refused in the form of the protocol", () => {
  it.each([
    ["/services/collector", { text: expect.any(String), code: 2 }],
    ["/api/v2/logs", { errors: [{ status: "401", title: "Error", detail: expect.any(String) }] }],
    ["/firehose", { requestId: "", timestamp: expect.any(Number), errorMessage: expect.any(String) }],
  ])("%s", async (path, expected) => {
    const response = await send(path, EVENT, { Authorization: "Bearer shop:elk_wrong" });
    expect([response.status, await response.json()]).toEqual([401, expected]);
  });

  it.each(["/loki/api/v1/push", "/heroku", "/reports", "/gelf"])("%s, as text", async (path) => {
    const response = await send(path, EVENT);
    expect([response.status, response.headers.get("Content-Type")]).toEqual([401, "text/plain; charset=utf-8"]);
  });
});

it("responds to Splunk's health check without a key", async () => {
  const response = await createApp().request("/services/collector/health", {}, env, context);
  expect([response.status, await response.json()]).toEqual([200, { text: "HEC is healthy", code: 17 }]);
});
