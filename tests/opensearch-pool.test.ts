/** The pool of OpenSearch nodes that test files share: each lease is exclusive and empty. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeHome } from "./support/make-home.ts";
import { setUpOpenSearch } from "../opensearch/setup.ts";
import { leaseFrom } from "./support/opensearch/lease.ts";
import { startOpenSearchPool, type OpenSearchPool } from "./support/opensearch/pool.ts";
import { findChanges, readContent, type NodeContent } from "./support/opensearch/wipe.ts";
import { queryOpenSearch } from "./support/query-opensearch.ts";

const HOLDER = new URL("./support/opensearch/hold-lease.ts", import.meta.url).pathname;

let home: string;
let pool: OpenSearchPool;
beforeAll(async () => {
  home = await makeHome("edgelog-pool");
  pool = await startOpenSearchPool(home, 10_000);
});
afterAll(async () => {
  await pool?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

const put = async (url: string, path: string, body: object, method = "PUT"): Promise<void> => {
  const response = await queryOpenSearch<object>(url, path, body, method);
  expect({ path, ...response }).not.toHaveProperty("error");
};

/** Creates one of each kind of thing that a test can leave. */
const fill = async (url: string): Promise<void> => {
  await setUpOpenSearch(url);
  const pattern = { index_patterns: ["left-*"] };
  await put(url, "/_template/left", { index_patterns: ["left-legacy"], order: 1 });
  await put(url, "/_component_template/left", { template: {} });
  await put(url, "/_index_template/left", { ...pattern, composed_of: ["left"] });
  await put(url, "/_index_template/left-stream", { index_patterns: ["stream"], data_stream: {} });
  await put(url, "/_data_stream/stream", {});
  await put(url, "/left-1", { aliases: { left: {} } });
  await put(url, "/.left-hidden", { settings: { "index.hidden": true } });
  await put(url, "/left-closed", {});
  await put(url, "/left-closed/_close", {}, "POST");
  await put(url, "/left-full", { settings: { "index.blocks.read_only_allow_delete": true } });
  await put(url, "/_ingest/pipeline/left", { processors: [] });
  await put(url, "/_search/pipeline/left", { request_processors: [] });
  await put(url, "/_scripts/left", { script: { lang: "painless", source: "1" } });
  await put(url, "/left-1/_doc/1?refresh=true", { n: 1 });
  await put(url, "/left-1/_search?scroll=1h", { size: 1 }, "POST");
  await put(url, "/left-1/_search/point_in_time?keep_alive=1h", {}, "POST");
  await put(url, "/_snapshot/left", { type: "fs", settings: { location: "left" } });
  await put(url, "/_snapshot/left/one?wait_for_completion=true", {});
  await put(url, "/_cluster/settings", {
    persistent: { "cluster.max_shards_per_node": 5 },
    transient: { "cluster.info.update.interval": "1h" },
  });
};

const countScrolls = async (url: string): Promise<number> => {
  interface Stats {
    readonly nodes: Readonly<Record<string, { indices: { search: { open_contexts: number } } }>>;
  }
  const { nodes } = await queryOpenSearch<Stats>(url, "/_nodes/stats/indices/search", undefined, "GET");
  return Object.values(nodes).reduce((sum, { indices }) => sum + indices.search.open_contexts, 0);
};

/** The indices of the next lease. */
const findIndices = async (): Promise<readonly unknown[]> => {
  await using lease = await leaseFrom(pool.port);
  return await queryOpenSearch<unknown[]>(
    lease.url,
    "/_cat/indices?expand_wildcards=all&format=json",
    undefined,
    "GET",
  );
};

describe("the pool of OpenSearch nodes", { timeout: 180_000 }, () => {
  it("leases a node again after it has removed everything that the first lease left", async () => {
    let first: string;
    let initial: NodeContent;
    {
      await using lease = await leaseFrom(pool.port);
      first = lease.url;
      initial = await readContent(first);
      await fill(first);
      expect(findChanges(initial, await readContent(first)).length).toBeGreaterThan(10);
      expect(await countScrolls(first)).toBeGreaterThan(0);
    }
    await using lease = await leaseFrom(pool.port);
    expect(lease.url).toBe(first);
    expect(findChanges(initial, await readContent(first))).toEqual([]);
    expect(await countScrolls(first)).toBe(0);
    // The files of the snapshot are removed, too.
    await put(first, "/_snapshot/left", { type: "fs", settings: { location: "left" } });
    expect(await queryOpenSearch(first, "/_snapshot/left/_all", undefined, "GET")).toEqual({ snapshots: [] });

    await using second = await leaseFrom(pool.port);
    expect(second.url).not.toBe(first);
  });

  it("fails the next lease if something is left that it does not remove", async () => {
    let url: string;
    {
      await using lease = await leaseFrom(pool.port);
      url = lease.url;
      await put(url, "/left", {});
      await fetch(new URL("/_cluster/voting_config_exclusions?node_names=absent", url), { method: "POST" });
    }
    await expect.poll(() => pool.pids.has(url), { timeout: 30_000 }).toBe(false);
    await expect(leaseFrom(pool.port)).rejects.toThrow(
      /does not remove: cluster_coordination.voting_config_exclusions/,
    );
    expect(await findIndices()).toEqual([]);
  });

  it("replaces a node whose holder was killed, because its services may still write to it", async () => {
    const holder = spawn(process.execPath, [HOLDER, String(pool.port)], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(holder.stdout, "data")) as [Buffer];
    const url = line.toString().trim();
    expect(pool.pids.has(url)).toBe(true);
    holder.kill("SIGKILL");
    await expect.poll(() => pool.pids.has(url), { timeout: 30_000 }).toBe(false);
    await using lease = await leaseFrom(pool.port);
    expect(lease.url).not.toBe(url);
  });

  it("replaces a node that does not respond", async () => {
    {
      await using lease = await leaseFrom(pool.port);
      expect(pool.pids.has(lease.url)).toBe(true);
      await put(lease.url, "/left", {});
      process.kill(Number(pool.pids.get(lease.url)), "SIGSTOP");
    }
    expect(await findIndices()).toEqual([]);
  });
});
