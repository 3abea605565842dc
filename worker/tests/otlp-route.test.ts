/**
 * The responses of `POST /v1/logs`, with a scripted OpenSearch.
 */
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Hono, type MiddlewareHandler } from "hono";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { FailureError } from "../src/failure.ts";
import { toProblemResponse } from "../src/http/problem.ts";

interface Route {
  readonly otlpErrors: MiddlewareHandler;
  readonly postOtlpLogs: (request: Request, env: object, app: string, context: object) => Promise<Response>;
}

// Not a static import: tests are checked with the types of Node.js, the route with those of workerd.
const { otlpErrors, postOtlpLogs } = (await import(
  new URL("../src/routes/otlp-logs.ts", import.meta.url).href
)) as Route;

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";

let server: Server;
/** Status of each item of a bulk response. */
let itemStatus = 201;
let documents = 0;
const ids = new Set<string>();

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.setHeader("Content-Type", "application/json");
      const lines = Buffer.concat(chunks).toString().trim().split("\n");
      for (const [, id = ""] of lines.join("\n").matchAll(/"_id":"([^"]+)"/g)) ids.add(id);
      const items = lines
        .filter((line) => line.startsWith('{"create"'))
        .map(() => ({
          create:
            itemStatus < 300
              ? { status: itemStatus }
              : { status: itemStatus, error: { type: "unavailable_shards_exception", reason: "no" } },
        }));
      if (itemStatus < 300) documents += items.length;
      response.end(JSON.stringify({ took: 1, errors: itemStatus >= 300, items, hits: { hits: [] } }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());
beforeEach(() => {
  itemStatus = 201;
  documents = 0;
  ids.clear();
});

const RECORD = {
  keys: [{ generation: 1, hash: "0".repeat(64), brokerHash: "$7$1$a$b" }],
  retentionDays: 30,
  origins: ["*"],
  rate: "standard",
  disabled: false,
};

const send = async (body: BodyInit, type: string): Promise<Response> => {
  const { port } = server.address() as AddressInfo;
  const env = {
    OPENSEARCH_URL: `http://127.0.0.1:${port}`,
    APPS: { get: (key: string) => Promise.resolve(key === "app:shop" ? RECORD : null) },
  };
  const context = { waitUntil: () => undefined };
  const app = new Hono();
  app.use("/v1/logs", otlpErrors);
  app.post("/v1/logs", (c) => postOtlpLogs(c.req.raw, env, "shop", context));
  app.onError((error) => toProblemResponse(error instanceof FailureError ? error.failure : { kind: "internal" }));
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
  expect([response.status, await response.text(), documents]).toEqual([200, "{}", 2_500]);
});

it("stores records whose documents exceed the limit of one request to OpenSearch", async () => {
  const { resourceLogs } = JSON.parse(toRequest(3_000)) as { resourceLogs: object[] };
  const attributes = [{ key: "deployment.note", value: { stringValue: "x".repeat(2_400) } }];
  const response = await send(
    JSON.stringify({ resourceLogs: [{ ...resourceLogs[0], resource: { attributes } }] }),
    JSON_TYPE,
  );
  expect([response.status, await response.text(), documents]).toEqual([200, "{}", 3_000]);
});

it("gives equal records of one request different ids, and the same ids again", async () => {
  const record = { timeUnixNano: `${Date.now()}000000`, body: { stringValue: "retry" } };
  const body = JSON.stringify({
    resourceLogs: [{ scopeLogs: [{ logRecords: Array.from({ length: 2_000 }, () => record) }] }],
  });
  await send(body, JSON_TYPE);
  expect(ids.size).toBe(2_000);
  await send(body, JSON_TYPE);
  expect(ids.size).toBe(2_000);
});

it.each([
  ["{}", JSON_TYPE, "{}"],
  ["", PROTOBUF, ""],
])("accepts the empty request %j of type %s", async (body, type, expected) => {
  const response = await send(body, type);
  expect([response.status, response.headers.get("Content-Type"), await response.text()]).toEqual([200, type, expected]);
});

it("asks for a retry with 503 if records are not stored", async () => {
  itemStatus = 503;
  const response = await send(toRequest(2), JSON_TYPE);
  expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "5"]);
  expect(await response.json()).toMatchObject({ code: 14 });
});

it.each([
  ["text", "not OTLP", JSON_TYPE, 0],
  ["JSON of an unknown shape, which is stored as rejected", '{"a":1}', JSON_TYPE, 1],
  ["bytes that are not protobuf", new Uint8Array([1, 2, 255]), PROTOBUF, 0],
])("refuses %s", async (_name, body, type, stored) => {
  const response = await send(body, type);
  expect([response.status, response.headers.get("Content-Type"), documents]).toEqual([400, type, stored]);
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
