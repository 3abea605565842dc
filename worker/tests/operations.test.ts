/**
 * Operations on KV and requests to OpenSearch of one request to the Worker: Cloudflare limits both for an invocation, and bills KV.
 * Each row is a new isolate in which the same request is sent twice.
 */
import { createHash } from "node:crypto";
import type { Hono } from "hono";
import { expect, it, vi } from "vitest";
import { v7 as uuidv7 } from "uuid";
import { encodeRelayFrame } from "#contract/relay/relay-frame.ts";
import { SHOP_RECORD } from "./support/scripted-store.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const KEY = "elk_test";
const TOKEN = "elr_test";
const RELAY_TOKEN = "t".repeat(32);
const RECORD = { ...SHOP_RECORD, keys: [{ ...SHOP_RECORD.keys[0], hash: sha256(KEY) }], rate: "unlimited" };
const READER = { apps: ["shop"] };
const APPS = ["shop", "news", "maps"];

const counts = { kv: 0, store: 0 };
/** Status of the response to a bulk request. */
let bulkStatus = 200;

const OPENSEARCH = {
  fetch: (_url: string, init: { readonly body?: unknown }): Promise<Response> => {
    counts.store += 1;
    const lines = String(init.body ?? "").split("\n");
    const items = lines.filter((line) => line.startsWith('{"create"')).map(() => ({ create: { status: 201 } }));
    if (items.length > 0 && bulkStatus !== 200) return Promise.resolve(new Response("", { status: bulkStatus }));
    return Promise.resolve(
      Response.json({ took: 1, errors: false, items, hits: { total: { value: 0, relation: "eq" }, hits: [] } }),
    );
  },
};
const env = {
  OPENSEARCH_URL: "http://opensearch.invalid",
  OPENSEARCH,
  RELAY_TOKEN,
  APPS: {
    get: (name: string) => {
      counts.kv += 1;
      if (APPS.some((app) => name === `app:${app}`)) return Promise.resolve(RECORD);
      return Promise.resolve(name === `reader:${sha256(TOKEN)}` ? READER : null);
    },
  },
};
const context = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} };

/** The messages of a full request of the relay. */
const makeFrame = (): Uint8Array =>
  encodeRelayFrame({
    messages: Array.from({ length: 300 }, (_, i) => ({
      id: uuidv7(),
      topic: `logs/${APPS[i % APPS.length]}/phone`,
      payload: new TextEncoder().encode('{"severity":"info","body":"started"}'),
    })),
  });

const POST_LOGS = { method: "POST", body: '{"body":"started"}', headers: { Authorization: `Bearer shop:${KEY}` } };
const POST_RELAY = { method: "POST", headers: { Authorization: `Bearer ${RELAY_TOKEN}` } };
const READ = { headers: { Authorization: `Bearer ${TOKEN}` } };

const NONE = { kv: 0, store: 0 };

const startIsolate = async (): Promise<Hono> => {
  vi.resetModules();
  // Not a static import: a new isolate has an empty cache.
  const { createApp } = (await import(new URL("../src/app.ts", import.meta.url).href)) as {
    readonly createApp: () => Hono;
  };
  return createApp();
};

it.each([
  ["POST /logs with one event", "/logs", () => POST_LOGS, { kv: 2, store: 2 }],
  [
    "POST /relay with 300 messages of three apps",
    "/relay",
    () => ({ ...POST_RELAY, body: makeFrame() }),
    { kv: 6, store: 2 },
  ],
  ["GET /search", "/search", () => READ, { kv: 1, store: 1 }],
  ["GET /search without a token", "/search", () => ({}), NONE],
] as const)(
  "%s reads each entry of KV once in 30 seconds, and the index templates once in two seconds",
  async (_name, path, toInit, expected) => {
    const app = await startIsolate();
    const count = async (): Promise<object> => {
      Object.assign(counts, NONE);
      await app.request(path, toInit(), env, context);
      return { ...counts };
    };
    expect(await count()).toEqual(expected);
    expect(await count()).toEqual({ kv: 0, store: Math.min(expected.store, 1) });
  },
);

it("the index templates are read again after a proxy has responded for OpenSearch, which may return without them", async () => {
  const app = await startIsolate();
  const post = async (status: number): Promise<number> => {
    Object.assign(counts, NONE);
    bulkStatus = status;
    await app.request("/logs", POST_LOGS, env, context);
    return counts.store;
  };
  expect([await post(502), await post(200), await post(200)]).toEqual([2, 2, 1]);
});
