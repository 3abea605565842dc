/**
 * The responses of the routes of other log services, with a scripted OpenSearch.
 */
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { Hono } from "hono";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createIntakeApp } from "./support/intake-app.ts";
import { INTAKE_ROWS } from "./support/intake-rows.ts";
import { INTAKE_ROUTES } from "../src/routes/intake-routes.ts";
import { startScriptedStore, type ScriptedStore } from "./support/scripted-store.ts";

let store: ScriptedStore;
let app: Hono;
beforeAll(async () => {
  store = await startScriptedStore();
  app = createIntakeApp(store.args);
});
afterAll(() => store?.close());
beforeEach(() => store.reset());

const send = async (path: string, body: BodyInit, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  app.request(path, { method: "POST", body, headers });

const FIREHOSE = { "X-Amz-Firehose-Request-Id": "r-1" };

const ROUTES = INTAKE_ROUTES.map((route) => {
  const row = INTAKE_ROWS.find(({ intake }) => intake === route.intake);
  return { ...route, path: route.paths[0] ?? "", body: String(row?.body) };
});

describe.each(ROUTES)("$path", ({ intake, path, body, successStatus, rejectedStatus }) => {
  it("accepts a request, also with gzip and zstd", async () => {
    const plain = await send(path, body);
    expect(plain.status).toBe(successStatus);
    expect(store.documents).toBeGreaterThan(0);
    expect((await send(path, gzipSync(body), { "Content-Encoding": "gzip" })).status).toBe(successStatus);
    expect((await send(path, zstdCompressSync(body), { "Content-Encoding": "zstd" })).status).toBe(successStatus);
  });

  it("accepts a request without events", async () => {
    expect((await send(path, " ")).status).toBe(successStatus);
    expect(store.documents).toBe(0);
  });

  it("asks for a retry if an event is not stored", async () => {
    store.statusOf = () => 503;
    const response = await send(path, body);
    expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "5"]);
  });

  it("stores a body that is not of the protocol as rejected", async () => {
    const response = await send(path, '"no"\u0000', FIREHOSE);
    // Lines of text are events for two protocols.
    const isText = intake === "splunk_raw" || intake === "datadog";
    expect(response.status).toBe(isText ? successStatus : rejectedStatus);
    expect(store.documents).toBe(1);
  });

  it("refuses a body that is too large", async () => {
    expect((await send(path, "x".repeat(4_194_305))).status).toBe(413);
    expect(store.documents).toBe(0);
  });
});

describe("the response", () => {
  it("of Splunk has a code", async () => {
    expect(await (await send("/services/collector", '{"event":"a"}')).json()).toEqual({ text: "Success", code: 0 });
    const refused = await send("/services/collector/event", "[1]");
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { text: "unknown_shape: An event is an object with `event`.", code: 6 },
    ]);
    store.statusOf = () => 429;
    expect(await (await send("/services/collector/raw", "a")).json()).toMatchObject({ code: 9 });
  });

  it.each(["/services/collector/event/1.0", "/services/collector", "/services/collector/raw"])(
    "of Splunk to OPTIONS has the status that Docker's log driver requires: %s",
    async (path) => {
      const checked = await app.request(path, { method: "OPTIONS" });
      expect([checked.status, await checked.json()]).toEqual([200, { text: "HEC is healthy", code: 17 }]);
      const headers = { Origin: "https://shop.example", "Access-Control-Request-Method": "POST" };
      const preflight = await app.request(path, { method: "OPTIONS", headers });
      expect([preflight.status, preflight.headers.get("Access-Control-Allow-Methods")]).toEqual([204, "POST"]);
    },
  );

  it("of Firehose repeats the id of the request", async () => {
    const accepted = await send("/firehose", JSON.stringify({ records: [{ data: btoa("a") }] }), FIREHOSE);
    expect(await accepted.json()).toEqual({ requestId: "r-1", timestamp: expect.any(Number) });
    store.statusOf = () => 503;
    const failed = await send("/firehose", JSON.stringify({ records: [{ data: btoa("a") }] }), FIREHOSE);
    expect(await failed.json()).toMatchObject({
      requestId: "r-1",
      errorMessage: expect.stringContaining("stored yet"),
    });
  });

  it("of Vercel repeats the value that proves the ownership of the endpoint", async () => {
    const response = await send("/vercel?verify=abc-1", "[]");
    expect(response.headers.get("x-vercel-verify")).toBe("abc-1");
  });

  it.each(["{}", " { }\n", "[]"])(
    "of Datadog to the Agent's check of the connection, %j, stores nothing",
    async (body) => {
      const response = await send("/api/v2/logs", body);
      expect([response.status, store.documents]).toEqual([202, 0]);
    },
  );

  it("of Datadog is a list of errors", async () => {
    const response = await send("/api/v2/logs", "[1]");
    expect([response.status, await response.json()]).toEqual([
      400,
      { errors: [{ status: "400", title: "Error", detail: "unknown_shape: A log is an object with `message`." }] },
    ]);
  });
});

it("refuses a request whose labels make its logs too long, with the limit", async () => {
  const values = Array.from({ length: 2_600 }, () => ["1", ""]);
  const stream = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`label_${i}`, "x".repeat(125)]));
  const response = await send("/loki/api/v1/push", JSON.stringify({ streams: [{ stream, values }] }), {
    "Content-Type": "application/json",
  });
  expect([response.status, await response.text()]).toEqual([413, expect.stringContaining("16777216 characters")]);
  expect(store.documents).toBe(0);
});

it("accepts deflate that is announced as `gzip,deflate`, as a client of Graylog does", async () => {
  const body = deflateSync('{"version":"1.1","host":"a","short_message":"b"}');
  expect((await send("/gelf", body, { "Content-Encoding": "gzip,deflate" })).status).toBe(202);
  expect(store.documents).toBe(1);
});
