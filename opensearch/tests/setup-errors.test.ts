/** Errors of settings: commands print what to do, and neither the password nor a stack. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT_DIR } from "../../stack/lib/state-dir.ts";

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "edgelog-setup-errors-"));
});
afterAll(() => rm(home, { recursive: true }));

const run = async (env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> => {
  const { exitCode, all } = await execa(process.execPath, args, {
    cwd: ROOT_DIR,
    env: { EDGELOG_HOME: home, OPENSEARCH_WORKER_PASSWORD: "new", ...env },
    all: true,
    reject: false,
  });
  return `${exitCode} ${all}`;
};

const SETUP = ["opensearch/setup.ts", "opensearch/security/setup.ts"];

describe("a URL with special characters in the password", { timeout: 60_000 }, () => {
  it.each(["SECRET/1", "SECRET#1", "SECRET?1", "100%SECRET", "12/SECRET"])("%s", async (password) => {
    const env = { OPENSEARCH_URL: `https://admin:${password}@127.0.0.1:1` };
    for (const program of [...SETUP, "stack/commands/retention.ts"]) {
      const output = await run(env, program, ...(program.startsWith("stack") ? ["plan"] : []));
      expect(output).toMatch(
        /^1 OPENSEARCH_URL is not a valid URL\. Encode the special characters [^\n]*_PASSWORD_FILE\.$/,
      );
      expect(output).not.toContain("SECRET");
    }
  });

  it("is reported for Dashboards, too", async () => {
    const server = createServer((_, response) =>
      response.writeHead(200, { "Content-Type": "application/json" }).end("{}"),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    const opensearch = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const env = { OPENSEARCH_URL: opensearch, DASHBOARDS_URL: "https://admin:SECRET/1@127.0.0.1:1" };
    const output = await run(env, "opensearch/setup.ts");
    expect(output).toMatch(/\nDASHBOARDS_URL is not a valid URL\. Encode .*\.$/);
    expect(output).not.toContain("SECRET");
    expect(await run({ ...env, DASHBOARDS_URL: "" }, "opensearch/setup.ts")).toMatch(/^0 set up: /);
    server.close();
  });
});

it("a cluster that is too old is named as the cause", { timeout: 60_000 }, async () => {
  const error = { type: "illegal_argument_exception", reason: "unknown setting [index.merge.policy]" };
  const server = createServer((_, response) =>
    response
      .writeHead(400, { "Content-Type": "application/json" })
      .end(JSON.stringify({ error: { ...error, root_cause: [error] }, status: 400 })),
  );
  await once(server.listen(0, "127.0.0.1"), "listening");
  const opensearch = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const output = await run({ OPENSEARCH_URL: opensearch }, "opensearch/setup.ts");
  expect(output).toMatch(
    /^1 OpenSearch responded with 400 .*merge\.policy.*\nedgelog needs OpenSearch 3\.3\.2 or later\.$/,
  );
  server.close();
});

it.each([
  ["2.19.1", "opensearch", /\nWarning: edgelog needs OpenSearch 3\.3\.2 or later: with 2\.19\.1, facets /],
  ["3.3.0", "opensearch", /\nWarning: edgelog needs OpenSearch 3\.3\.2 or later: with 3\.3\.0, facets /],
  ["8.19.2", undefined, /\nWarning: It is not OpenSearch: /],
  ["3.3.2", "opensearch", /set up: index template [\w-]+$/],
  ["3.10.0", "opensearch", /set up: index template [\w-]+$/],
])("a cluster of version %s of %s", { timeout: 60_000 }, async (number, distribution, output) => {
  const server = createServer((_, response) =>
    response
      .writeHead(200, { "Content-Type": "application/json" })
      .end(JSON.stringify({ version: { number, distribution } })),
  );
  await once(server.listen(0, "127.0.0.1"), "listening");
  const opensearch = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await run({ OPENSEARCH_URL: opensearch }, "opensearch/setup.ts")).toMatch(output);
  server.close();
});

it("missing and unreadable settings are named without a stack", { timeout: 60_000 }, async () => {
  for (const program of SETUP) {
    expect(await run({}, program)).toMatch(/^1 Set OPENSEARCH_URL, [^\n]*$/);
    const env = { OPENSEARCH_URL: "https://127.0.0.1:1", OPENSEARCH_CA: "/nowhere" };
    expect(await run(env, program)).toMatch(/^1 Cannot read OPENSEARCH_CA: ENOENT[^\n]*$/);
  }
});

it("empty settings count as absent", { timeout: 60_000 }, async () => {
  const empty = { OPENSEARCH_CA: "", OPENSEARCH_USERNAME: "", OPENSEARCH_PASSWORD_FILE: "" };
  for (const program of SETUP) {
    expect(await run({ OPENSEARCH_URL: "" }, program)).toMatch(/^1 Set OPENSEARCH_URL, [^\n]*$/);
    expect(await run({ ...empty, OPENSEARCH_URL: "http://127.0.0.1:1" }, program)).toMatch(
      /^1 Cannot reach OpenSearch/,
    );
  }
});

describe("npm run retention", { timeout: 60_000 }, () => {
  const runPlan = async (respond: RequestListener): Promise<string> => {
    const server = createServer(respond);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://admin:SECRET@127.0.0.1:${(server.address() as AddressInfo).port}`;
    const output = await run({ OPENSEARCH_URL: url }, "stack/commands/retention.ts", "plan");
    server.close();
    return output;
  };

  it("names the status if the password is wrong", async () => {
    const output = await runPlan((_, response) => response.writeHead(401).end("Unauthorized"));
    expect(output).toMatch(/^1 OpenSearch responded with 401 to GET [^\n]*$/);
  });

  it("plans nothing if there is a hold and no index", async () => {
    const holds = [{ app: "shop", since: "2026-11-01T00:00:00.000Z", note: "" }];
    const stored = { _source: { holds }, _seq_no: 0, _primary_term: 1 };
    const output = await runPlan(({ url = "" }, response) => {
      // As OpenSearch responds without an index: a search has no aggregations.
      const hits = { hits: { total: { value: 0, relation: "eq" }, hits: [] } };
      const body = url.includes("/_cat/") ? [] : url.includes("/_doc/") ? stored : hits;
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    });
    expect(output).toMatch(/^0 Deleted by the next run: 0 indices\n[^]*On hold: shop$/);
  });
});
