/** The pages of the server for one host as a process: encodings, rate limit, many requests at the same time. OpenSearch is scripted. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeBundle } from "../stack/lib/cached-bundle.ts";
import { startBulkStore, type BulkStore } from "./support/bulk-store.ts";
import { APP, APP_KEY, startNodeServer, type NodeServer } from "./support/node-server.ts";
import { readMemoryKib } from "./support/process-memory.ts";

const LIMIT = 30;

let dir: string;
let store: BulkStore;
let server: NodeServer;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "edgelog-node-pages-"));
  const bundle = join(dir, "server.mjs");
  await writeBundle("server", bundle);
  const pages = join(dir, "pages");
  mkdirSync(join(pages, "console"), { recursive: true });
  const files = {
    "console/index.html": "<p>console</p>",
    "large.js": "x".repeat(600_000),
    "a.js": "long",
    "a.js.br": "br",
    "a.js.gz": "gzip",
    _headers: "/a.js\n  X-Page: yes\n",
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(pages, name), content);
  store = await startBulkStore(300);
  server = await startNodeServer(bundle, {
    OPENSEARCH_URL: store.url,
    SERVER_PAGES_DIR: pages,
    SERVER_TRUSTED_PROXIES: "127.0.0.1",
    SERVER_ADDRESS_LIMIT: String(LIMIT),
  });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await store?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(new URL(path, server.url), { redirect: "manual", ...init });

it.each([
  ["br", "gzip, deflate, br", 2],
  ["gzip", "gzip", 4],
  [null, "identity", 4],
])("sends the copy with the encoding %s to a client that accepts %s", async (encoding, accepted, length) => {
  const { headers } = await get("/a.js", { method: "HEAD", headers: { "Accept-Encoding": accepted } });
  expect(headers.get("Content-Encoding")).toBe(encoding);
  expect(headers.get("Content-Length")).toBe(String(length));
  expect(headers.get("Content-Type")).toMatch(/^text\/javascript/);
  expect(headers.get("X-Page")).toBe("yes");
});

it("finds the page of a directory, and passes other requests to the routes", async () => {
  expect(await (await get("/console/")).text()).toBe("<p>console</p>");
  const redirect = await get("/console");
  expect([redirect.status, redirect.headers.get("Location")]).toEqual([307, "/console/"]);
  expect((await get("/console/", { method: "POST" })).status).toBe(404);
  expect((await get("/_headers")).status).toBe(404);
  expect((await get("/openapi.json")).headers.get("Content-Type")).toMatch(/json/);
});

it("limits the requests of an address", async () => {
  const headers = { "X-Forwarded-For": "203.0.113.1" };
  // More than the limit of two periods, because the next one may begin in between.
  const responses = await Promise.all(Array.from({ length: 2 * LIMIT + 1 }, () => get("/a.js", { headers })));
  const refused = responses.find(({ status }) => status === 429);
  expect(await refused?.json()).toMatchObject({ reason: "rate_limited" });
});

it("pipelined requests with responses that nobody reads open no files, use little memory, and do not delay logs", async () => {
  const countFiles = (): number => readdirSync(`/proc/${server.pid}/fd`).length;
  const [files, kib] = [countFiles(), readMemoryKib(server.pid, "VmRSS")];
  const { port } = new URL(server.url);
  const text = "GET /large.js HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1_000);
  const sockets = Array.from({ length: 10 }, () => connect(Number(port), "127.0.0.1").pause());
  for (const socket of sockets) socket.on("error", () => undefined).write(text);
  const { status } = await get("/logs", {
    method: "POST",
    body: JSON.stringify({ severity: "info", body: "hello" }),
    headers: { Authorization: `Bearer ${APP}:${APP_KEY}` },
  });
  expect(status).toBe(200);
  expect(countFiles()).toBeLessThan(files + 30);
  expect(readMemoryKib(server.pid, "VmRSS")).toBeLessThan(kib + 100 * 1024);
  for (const socket of sockets) socket.destroy();
});
