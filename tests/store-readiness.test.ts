/**
 * A receipt says `stored` only for logs that can be found: OpenSearch without its index templates, and a server whose clock was wrong. The
 * server for one host, with a real OpenSearch.
 */
import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { v7 as uuidv7 } from "uuid";
import type { Health } from "#contract/api/health.ts";
import { skewedLogsIndex } from "#contract/store/log-document.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { setUpOpenSearch } from "../opensearch/setup.ts";
import { writeBundle } from "../stack/lib/cached-bundle.ts";
import { createStoreClient } from "../worker/src/opensearch/client.ts";
import { applyRetention } from "../worker/src/retention/apply-retention.ts";
import { APP, APP_KEY, startNodeServer, type NodeServer } from "./support/node-server.ts";
import { leaseOpenSearch, type OpenSearchLease } from "./support/opensearch/lease.ts";
import { queryOpenSearch } from "./support/query-opensearch.ts";

let dir: string;
let bundle: string;
let opensearch: OpenSearchLease;
let server: NodeServer;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "edgelog-readiness-"));
  bundle = join(dir, "server.mjs");
  await writeBundle("server", bundle);
  opensearch = await leaseOpenSearch();
  server = await startNodeServer(bundle, { OPENSEARCH_URL: opensearch.url });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await opensearch?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

const post = (event: object): Promise<Response> =>
  fetch(new URL("/logs", server.url), {
    method: "POST",
    body: JSON.stringify(event),
    headers: { Authorization: `Bearer ${APP}:${APP_KEY}` },
  });
const getHealth = async (): Promise<Health> => (await (await fetch(new URL("/healthz", server.url))).json()) as Health;
const count = async (query: object): Promise<number> => {
  await queryOpenSearch(opensearch.url, "/logs-*/_refresh");
  return (await queryOpenSearch<{ count: number }>(opensearch.url, "/logs-*/_count", { query })).count;
};

it("stores nothing without the index templates, reports that, and continues once they exist", async () => {
  const id = uuidv7();
  const refused = await post({ id, body: "before the setup" });
  expect([refused.status, await refused.json()]).toMatchObject([503, { stored: 0, unfinished: [0] }]);
  expect(await getHealth()).toMatchObject({ status: "down", problems: [{ code: "templates_missing" }] });
  const indices = await queryOpenSearch(opensearch.url, "/_cat/indices/logs-*?format=json", undefined, "GET");
  expect(indices).toEqual([]);

  await setUpOpenSearch(opensearch.url);
  expect((await post({ id, body: "before the setup", attributes: { "user.id": "u-1" } })).status).toBe(200);
  expect(await count({ term: { "user.id": "u-1" } })).toBe(1);
});

it("retention keeps only logs that arrived while the clock of the server was 400 days behind, and are recent by their own time", async () => {
  const nowMs = Date.now();
  const behindMs = nowMs - 400 * DAY_MS;
  const expiredMs = nowMs - 31 * DAY_MS;
  const logs = {
    recent: { arrivedMs: behindMs, ownMs: nowMs - DAY_MS },
    expired: { arrivedMs: behindMs, ownMs: expiredMs },
    future: { arrivedMs: behindMs, ownMs: nowMs + 400 * DAY_MS },
    fromDeviceAhead: { arrivedMs: expiredMs, ownMs: expiredMs + 25 * DAY_MS },
  };
  for (const [id, { arrivedMs, ownMs }] of Object.entries(logs)) {
    const [arrived, claimedTime] = [arrivedMs, ownMs].map((ms) => new Date(ms).toISOString());
    const document = { "@timestamp": arrived, body: "x", edgelog: { app: APP, claimedTime } };
    await queryOpenSearch(opensearch.url, `/${skewedLogsIndex(30)}/_doc/${id}`, document, "PUT");
  }
  const ids = Object.keys(logs);
  expect(await count({ ids: { values: ids } })).toBe(ids.length);
  await applyRetention(createStoreClient({ url: opensearch.url }), nowMs, {});
  await expect.poll(() => count({ ids: { values: ids } })).toBe(1);
  expect(await count({ ids: { values: ["recent"] } })).toBe(1);
});

it("does not start while the clock is before the time at which the program was installed", async () => {
  const tomorrow = new Date(Date.now() + 2 * DAY_MS);
  const copy = join(dir, "future.mjs");
  await writeBundle("server", copy);
  utimesSync(copy, tomorrow, tomorrow);
  await expect(startNodeServer(copy)).rejects.toThrow("The clock of this machine is wrong");
});
