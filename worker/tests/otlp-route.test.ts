/**
 * The responses of `POST /v1/logs`, with a scripted OpenSearch.
 */
import { Hono, type MiddlewareHandler } from "hono";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { toProblemResponse } from "../src/http/problem.ts";
import {
  createRouteApp,
  startScriptedStore,
  type RouteArguments,
  type ScriptedStore,
} from "./support/scripted-store.ts";

interface Route {
  readonly otlpErrors: MiddlewareHandler;
  readonly postOtlpLogs: (request: Request, ...args: RouteArguments) => Promise<Response>;
}

// Not a static import: tests are checked with the types of Node.js, the route with those of workerd.
const { otlpErrors, postOtlpLogs } = (await import(
  new URL("../src/routes/otlp-logs.ts", import.meta.url).href
)) as Route;

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";

let store: ScriptedStore;
beforeAll(async () => {
  store = await startScriptedStore();
});
afterAll(() => store?.close());
beforeEach(() => store.reset());
afterEach(() => void vi.restoreAllMocks());

const send = async (body: BodyInit, type: string): Promise<Response> => {
  const app = createRouteApp("/v1/logs", otlpErrors);
  app.post("/v1/logs", (c) => postOtlpLogs(c.req.raw, ...store.args));
  return app.request("/v1/logs", { method: "POST", body, headers: { "Content-Type": type } });
};

const toRequest = (count: number): string => {
  const logRecords = Array.from({ length: count }, (_, n) => ({
    timeUnixNano: `${Date.now()}000000`,
    body: { stringValue: `event ${n}` },
  }));
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
};

it("stores all records, also more than one payload may have", async () => {
  const response = await send(toRequest(2_500), JSON_TYPE);
  expect([response.status, await response.text(), store.documents]).toEqual([200, "{}", 2_500]);
});

it("stores records whose documents exceed the limit of one request to OpenSearch", async () => {
  const { resourceLogs } = JSON.parse(toRequest(3_000)) as { resourceLogs: object[] };
  const attributes = [{ key: "deployment.note", value: { stringValue: "x".repeat(2_400) } }];
  const response = await send(
    JSON.stringify({ resourceLogs: [{ ...resourceLogs[0], resource: { attributes } }] }),
    JSON_TYPE,
  );
  expect([response.status, await response.text(), store.documents]).toEqual([200, "{}", 3_000]);
});

it("gives equal records of one request different ids, and the same ids again", async () => {
  const record = { timeUnixNano: `${Date.now()}000000`, body: { stringValue: "retry" } };
  const body = JSON.stringify({
    resourceLogs: [{ scopeLogs: [{ logRecords: Array.from({ length: 2_000 }, () => record) }] }],
  });
  await send(body, JSON_TYPE);
  expect(store.ids.size).toBe(2_000);
  await send(body, JSON_TYPE);
  expect(store.ids.size).toBe(2_000);
});

it.each([
  ["{}", JSON_TYPE, "{}"],
  ["", PROTOBUF, ""],
])("accepts the empty request %j of type %s", async (body, type, expected) => {
  const response = await send(body, type);
  expect([response.status, response.headers.get("Content-Type"), await response.text()]).toEqual([200, type, expected]);
});

it.each([
  [0, "8"],
  // How long OpenSearch waits for a shard. A wait of 8 seconds would end after the default timeout of exporters.
  [2_100, "6"],
  [20_000, "1"],
])("asks for a retry with 503 if records are not stored after %d ms", async (ms, expected) => {
  const startMs = Date.now();
  const clock = vi.spyOn(Date, "now").mockReturnValue(startMs);
  store.statusOf = () => {
    clock.mockReturnValue(startMs + ms);
    return 503;
  };
  const response = await send(toRequest(2), JSON_TYPE);
  expect([response.status, response.headers.get("Retry-After")]).toEqual([503, expected]);
  expect(await response.json()).toMatchObject({ code: 14 });
});

it.each([
  ["text", "not OTLP", JSON_TYPE, 0],
  ["JSON of an unknown shape, which is stored as rejected", '{"a":1}', JSON_TYPE, 1],
  ["an opening brace, which is stored as rejected", "{", JSON_TYPE, 1],
  ["an event of POST /logs, which is stored as rejected", '{"body":"x"}', JSON_TYPE, 1],
  ["bytes that are not protobuf", new Uint8Array([1, 2, 255]), PROTOBUF, 0],
])("refuses %s", async (_name, body, type, stored) => {
  const response = await send(body, type);
  expect([response.status, response.headers.get("Content-Type"), store.documents]).toEqual([400, type, stored]);
});

it("asks for a retry after an internal error, which exporters do not repeat", async () => {
  const app = new Hono();
  app.use("/v1/logs", otlpErrors);
  app.post("/v1/logs", () => {
    throw new Error("internal");
  });
  app.onError(() => toProblemResponse({ kind: "internal" }));
  const response = await app.request("/v1/logs", { method: "POST", headers: { "Content-Type": JSON_TYPE } });
  expect([response.status, await response.json()]).toEqual([503, { code: 14, message: expect.any(String) }]);
});
