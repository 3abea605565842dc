/** `GET /healthz` in workerd, with a server in place of OpenSearch: number of requests, and time while it hangs. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { healthSchema, type Health } from "#contract/api/health.ts";
import { startReadStack, type ReadStack } from "./support/read-stack.ts";

let store: Server;
let stack: ReadStack;
let paths: string[] = [];
let isHanging = false;

const respond = (url: string): object => {
  if (url.startsWith("/_cluster/state")) return { routing_table: { indices: {} } };
  if (url.startsWith("/_cat/health")) return [{ epoch: String(Math.floor(Date.now() / 1_000)) }];
  return { hits: { hits: [] } };
};

beforeAll(async () => {
  store = createServer((request, response) => {
    const { url = "" } = request;
    paths.push(url);
    if (isHanging) return;
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(respond(url)));
  });
  await new Promise<void>((done) => store.listen(0, "127.0.0.1", done));
  const { port } = store.address() as AddressInfo;
  stack = await startReadStack({ readers: {}, opensearchUrl: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  store.closeAllConnections();
  store.close();
});

const getHealth = async (): Promise<Health> =>
  healthSchema.parse(await (await fetch(new URL("/healthz", stack.worker.url))).json());

/** The result of the last check is valid for 10 seconds. */
const waitForNextCheck = async (): Promise<void> => {
  await sleep(10_100);
  paths = [];
};

it("sends one request for the cluster's state in 10 seconds, however often it is requested", async () => {
  await waitForNextCheck();
  for (let round = 0; round < 4; round += 1) {
    const all = await Promise.all(Array.from({ length: 100 }, getHealth));
    for (const health of all) expect(health).toMatchObject({ status: "ok", opensearch: "up", problems: [] });
  }
  expect(paths.filter((path) => path.startsWith("/_cluster/state"))).toHaveLength(1);
  expect(paths.length).toBeLessThanOrEqual(4);
});

it("responds soon while OpenSearch hangs, and reports that it is down", async () => {
  await waitForNextCheck();
  isHanging = true;
  const start = Date.now();
  const all = await Promise.all(Array.from({ length: 50 }, getHealth));
  // worker/tests/health.test.ts has the exact limit. Without it, the client would wait for 20 seconds.
  expect(Date.now() - start).toBeLessThan(10_000);
  expect(all.some(({ status }) => status === "down")).toBe(true);
  expect(await getHealth()).toMatchObject({
    status: "down",
    opensearch: "down",
    problems: [{ code: "opensearch_unavailable" }],
  });
  isHanging = false;
  await waitForNextCheck();
  expect(await getHealth()).toMatchObject({ status: "ok", opensearch: "up" });
});
