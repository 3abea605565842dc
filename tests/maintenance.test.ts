/** Retention, the state of the deployment and reindexing against one OpenSearch and one Worker. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statusResponseSchema } from "#contract/api/status.ts";
import { connectOpenSearch } from "../opensearch/connect.ts";
import { setUpOpenSearch } from "../opensearch/setup.ts";
import { openLocalKv } from "../stack/apps/kv.ts";
import { toStoreClient } from "../stack/retention/store-client.ts";
import { createStoreClient } from "../worker/src/opensearch/client.ts";
import { applyRetention } from "../worker/src/retention/apply-retention.ts";
import type { StoredIndex } from "../worker/src/retention/plan-retention.ts";
import { fetchHolds, fetchIndices, updateHolds } from "../worker/src/retention/retention-store.ts";
import { startCommandHost, type CommandHost } from "./support/commands/command-host.ts";
import { startOperatorStack, toUserEvent as toEvent, type OperatorStack } from "./support/operator-stack.ts";
import { queryOpenSearch } from "./support/query-opensearch.ts";
import { createReader } from "./support/readers.ts";

const HOUR = 3_600_000;
const TIMEOUT_MS = 300_000;

let stack: OperatorStack;
let host: CommandHost;
beforeAll(async () => {
  host = startCommandHost();
  stack = await startOperatorStack();
  await stack.post("shop", stack.shop.key, [toEvent("u-1", Date.now())]);
  await stack.post("blog", stack.blog.key, [toEvent("u-1", Date.now())]);
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

const query = <T = unknown>(path: string, body?: object, method?: string): Promise<T> =>
  stack.query<T>(path, body, method);
const post: OperatorStack["post"] = (...args) => stack.post(...args);
/** Rejects if the command fails, as `stack.run` does. */
const run: OperatorStack["run"] = async (command, ...args) => {
  const { exitCode, stdout, all } = await host.run(command, args, stack.toEnv());
  if (exitCode !== 0) throw new Error(all);
  return stdout;
};

const toIndexDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll("-", ".");

describe("npm run retention", { timeout: TIMEOUT_MS }, () => {
  it("puts no app on hold of which there is no document, and several apps at once", async () => {
    await expect(run("retention.ts", "hold", "shop", "shp")).rejects.toThrow(
      /no logs and no rejected events of shp, so nothing was put on hold/,
    );
    expect(await run("retention.ts", "holds")).toBe("0 apps on hold");
    expect(await run("retention.ts", "hold", "shop", "blog")).toMatch(/^shop is on hold.*\nblog is on hold/);
    expect(await run("retention.ts", "hold", "later", "--force")).toMatch(/^later is on hold/);
    expect(await run("retention.ts", "release", "shop", "blog", "later")).toMatch(/^shop is not.*\nblog is not/);
  });

  it("loses no hold when several operators change the holds at the same time", async () => {
    await using opensearch = connectOpenSearch(stack.opensearch.url);
    const client = toStoreClient(opensearch);
    const add = (app: string): Promise<void> =>
      updateHolds(client, (holds) => [...holds, { app, since: new Date().toISOString(), note: "" }]);
    // The document does not exist the first time.
    await query("/edgelog-retention?ignore_unavailable=true", undefined, "DELETE");
    await Promise.all(["a", "b", "c", "d"].map(add));
    const release = updateHolds(client, (holds) => holds.filter(({ app }) => app !== "b"));
    await Promise.all([release, add("e"), add("f")]);
    expect((await fetchHolds(client)).map(({ app }) => app).toSorted()).toEqual(["a", "c", "d", "e", "f"]);
    await updateHolds(client, () => []);
  });

  const expired = `logs-7d-${toIndexDay(Date.now() - 480 * HOUR)}`;
  const count = async (): Promise<number> =>
    (await query<{ count: number }>(`/${expired}/_count?ignore_unavailable=true`, undefined, "GET")).count;
  const runCron = async (): Promise<void> => {
    const response = await fetch(new URL("/cdn-cgi/local/scheduled?cron=17+*+*+*+*", stack.worker.url));
    expect(await response.text()).toContain("ok");
  };

  it("lists the next deletions, keeps the logs of an app on hold, and lists what was deleted", async () => {
    for (const [id, app] of ["shop", "shop", "blog"].entries()) {
      const document = { "@timestamp": new Date(Date.now() - 480 * HOUR).toISOString(), body: "old", edgelog: { app } };
      await query(`/${expired}/_doc/${id}?refresh=true`, document, "PUT");
    }
    expect(await run("retention.ts", "plan")).toMatch(new RegExp(`run: 1 index\n {2}${expired} {2}3 documents`));
    expect(await run("retention.ts", "hold", "shop", "--note", "case 12")).toContain("shop is on hold");
    expect(await run("retention.ts", "holds")).toContain('"case 12"');
    expect(await run("retention.ts", "plan")).toContain("2 of them on hold and not deleted");
    await runCron();
    // The Worker deletes documents with a task of OpenSearch.
    await expect
      .poll(async () => {
        await query(`/${expired}/_refresh`, {});
        return await count();
      })
      .toBe(2);
    expect(await run("retention.ts", "log")).toMatch(
      new RegExp(`${expired} {2}1 documents, .*2 on hold kept.*retention has ended`),
    );
    expect(await run("retention.ts", "release", "shop")).toContain("not on hold anymore");
    await runCron();
    expect(await count()).toBe(0);
    expect(await run("retention.ts", "log")).toContain(`${expired}  2 documents, the index`);
  });
});

describe(applyRetention, { timeout: TIMEOUT_MS }, () => {
  it("deletes no further index after one of which only the documents on hold are left", async () => {
    const client = createStoreClient({ url: stack.opensearch.url });
    const [first, second] = [6, 5].map((days) => `logs-7d-${toIndexDay(Date.now() - 24 * days * HOUR)}`);
    for (const index of [first, second]) {
      const lines = Array.from({ length: 200 }, (_, i) => {
        const body = Array.from({ length: 40 }, () => Math.random().toString(36)).join(" ");
        return `{"create":{}}\n${JSON.stringify({ body, edgelog: { app: i % 10 === 0 ? "held" : "other" } })}\n`;
      });
      await queryOpenSearch(stack.opensearch.url, `/${index}/_bulk?refresh=true`, lines.join(""));
    }
    await updateHolds(client, () => [{ app: "held", since: new Date().toISOString(), note: "" }]);
    const findIndex = async (): Promise<StoredIndex | undefined> => {
      await query(`/${first}/_refresh`, {});
      return (await fetchIndices(client)).find(({ name }) => name === first);
    };
    const bytes = (await fetchIndices(client)).reduce((sum, each) => sum + each.bytes, 0);
    const applyLimit = () => applyRetention(client, Date.now(), { maxBytes: bytes - 1_000 });
    expect(await applyLimit()).toEqual([{ index: first, reason: "max_bytes", documents: 180, held: 20 }]);
    await expect.poll(async () => (await findIndex())?.documents).toBe(20);
    expect((await findIndex())?.deletedDocuments).toBeGreaterThan(0);
    expect(await applyLimit()).toEqual([]);
    // OpenSearch keeps deleted documents for up to 30 seconds, so that a copy can catch up; only the request is checked here.
    const findPurges = async (): Promise<unknown> => {
      await query("/.tasks/_refresh", {});
      const body = { query: { term: { "task.action": "indices:admin/forcemerge" } } };
      return (await query<{ hits?: { hits: unknown[] } }>("/.tasks/_search", body)).hits?.hits[0];
    };
    await expect.poll(findPurges).toMatchObject({
      _source: {
        task: { description: expect.stringContaining(`[${first}], maxSegments[-1], onlyExpungeDeletes[true]`) },
        response: { _shards: { failed: 0 } },
      },
    });
    await updateHolds(client, () => []);
  });
});

describe("GET /status and GET /metrics", () => {
  it("report the state to a token with its own right, which can read no log", async () => {
    const get = (path: string, bearer: string): Promise<Response> =>
      fetch(new URL(path, stack.worker.url), { headers: { Authorization: `Bearer ${bearer}` } });
    await using kv = await openLocalKv(stack.home);
    const monitor = await createReader(kv, { apps: [], canMonitor: true });
    const report = {
      id: "0123456789ab",
      status: "ok",
      problems: [],
      oldestUnacknowledgedMs: 5,
      heldMessages: 0,
      lostSessions: 0,
      brokerStoredBytes: 0,
      brokerQueueBytes: 9,
      brokerDroppedMessages: 0,
      sessions: 1,
      readySessions: 1,
      slowSessions: 0,
    };
    const postReport = (bearer: string): Promise<Response> =>
      fetch(new URL("/relay/status", stack.worker.url), {
        method: "POST",
        headers: { Authorization: `Bearer ${bearer}` },
        body: JSON.stringify(report),
      });
    expect((await postReport(monitor)).status).toBe(401);
    expect((await postReport(stack.worker.secrets.relayToken)).status).toBe(204);
    await fetch(new URL("/cdn-cgi/local/scheduled?cron=*+*+*+*+*", stack.worker.url));
    await query("/edgelog-*/_refresh", {});

    const status = statusResponseSchema.parse(await (await get("/status", monitor)).json());
    expect(status).toMatchObject({ health: { opensearch: "up" }, relays: [report], retention: { holds: [] } });
    expect(status.store?.bytes).toBeGreaterThan(0);
    expect(status.store?.disks?.[0]?.totalBytes).toBeGreaterThan(1e9);
    expect(status.today?.apps.map(({ app }) => app).toSorted()).toEqual(["blog", "shop"]);
    const metrics = await (await get("/metrics", monitor)).text();
    expect(metrics).toMatch(/^edgelog_worker_events_today\{app="shop",outcome="stored"\} [1-9]/m);
    expect(metrics).not.toMatch(/undefined|NaN/);

    expect(await (await get("/search", monitor)).json()).toMatchObject({ hits: [] });
    expect((await get("/search?app=shop", monitor)).status).toBe(403);
    expect((await get("/status", stack.token)).status).toBe(403);
    expect((await get("/metrics", stack.token)).status).toBe(403);
    expect((await get("/metrics", "elr_unknown")).status).toBe(401);
  });
});

interface Mapped {
  readonly mappings: { readonly properties: Readonly<Record<string, object>> };
}

interface Template {
  readonly index_template: { readonly template: Mapped };
}

describe("npm run reindex", { timeout: TIMEOUT_MS }, () => {
  it("gives an index a changed mapping while logs arrive: none is lost or stored twice", async () => {
    const index = `logs-30d-${new Date().toISOString().slice(0, 10).replaceAll("-", ".")}`;
    await post(
      "shop",
      stack.shop.key,
      Array.from({ length: 500 }, (_, i) => toEvent(`r-${i}`, Date.now())),
    );
    const sent: string[] = [];
    const retried: object[] = [];
    const stopping = new AbortController();
    const sendUntilStopped = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        const events = Array.from({ length: 5 }, () => toEvent("during", Date.now()));
        const receipt = await post("shop", stack.shop.key, events);
        if (receipt.unfinished === undefined) sent.push(...events.map((event) => (event as { id: string }).id));
        else retried.push(...events);
      }
    };
    const sending = sendUntilStopped();
    const path = "/_index_template/edgelog-logs";
    const { index_templates: installed } = await query<{ index_templates: readonly Template[] }>(
      path,
      undefined,
      "GET",
    );
    const [{ index_template: template } = { index_template: undefined }] = installed;
    Object.assign(template?.template.mappings.properties ?? {}, { reindexed: { type: "keyword" } });
    await query(path, template, "PUT");
    const output = await run("reindex.ts", index);
    expect(output).toContain(`${index}-r1 has replaced ${index}`);
    stopping.abort();
    await sending;
    // Events that were refused while writes were blocked are sent again, and so are some of the others: their ids decide.
    const again = await post("shop", stack.shop.key, [
      ...retried,
      ...sent.slice(0, 50).map((id) => ({ ...toEvent("during", Date.now()), id })),
    ]);
    expect(again).toMatchObject({ duplicates: Math.min(sent.length, 50), rejected: [] });
    await query(`/${index}/_refresh`, {});
    const during = { query: { term: { "user.id": "during" } } };
    const total = await query<{ count: number }>("/logs-*/_count", during);
    expect(total.count).toBe(sent.length + retried.length);
    const mapping = await query<Record<string, Mapped>>(`/${index}/_mapping`, undefined, "GET");
    expect(Object.keys(mapping)).toEqual([`${index}-r1`]);
    expect(mapping[`${index}-r1`]?.mappings.properties["reindexed"]).toEqual({ type: "keyword" });
    const search = await fetch(new URL("/search?q=user:during&limit=1", stack.worker.url), {
      headers: { Authorization: `Bearer ${stack.token}` },
    });
    expect(((await search.json()) as { hits: unknown[] }).hits).toHaveLength(1);
    await expect(run("reindex.ts", "logs-30d-1999.01.01")).rejects.toThrow("OpenSearch responded with 404");
    await setUpOpenSearch(stack.opensearch.url);
  });
});
