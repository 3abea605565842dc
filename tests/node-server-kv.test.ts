/** The server for one host as a process, while its KV file is removed or replaced. OpenSearch is scripted. */
import { copyFileSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeBundle } from "../stack/lib/cached-bundle.ts";
import { APP, APP_KEY, putApp, startNodeServer } from "./support/node-server.ts";
import { startBulkStore, type BulkStore } from "./support/bulk-store.ts";

let dir: string;
let bundle: string;
let store: BulkStore;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "edgelog-node-server-kv-"));
  bundle = join(dir, "server.mjs");
  await writeBundle("server", bundle);
  store = await startBulkStore(300);
});
afterAll(async () => {
  await store?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

const postLogs = (url: string): Promise<Response> =>
  fetch(new URL("/logs", url), {
    method: "POST",
    body: JSON.stringify({ severity: "info", body: "hello" }),
    headers: { Authorization: `Bearer ${APP}:${APP_KEY}` },
  });

describe("the KV file of a running server", () => {
  /** Path of another KV file with the app, complete without its WAL. */
  const makeCopy = async (more: object): Promise<string> => {
    const state = mkdtempSync(join(dir, "copy-"));
    await putApp(state, more);
    return join(state, "kv.sqlite");
  };
  const readCodes = async (url: string): Promise<readonly string[]> => {
    const { problems } = (await (await fetch(new URL("/healthz", url))).json()) as { problems: { code: string }[] };
    return problems.map(({ code }) => code);
  };

  it("is reported if it was removed, and apps stay valid", async () => {
    await using server = await startNodeServer(bundle, { OPENSEARCH_URL: store.url });
    for (const end of ["", "-wal", "-shm"]) rmSync(join(server.stateDir, `kv.sqlite${end}`), { force: true });
    await expect
      .poll(() => server.lines.map(({ msg }) => msg))
      .toContainEqual(expect.stringMatching(/^the KV file was removed;/));
    expect((await postLogs(server.url)).status).toBe(200);
    expect(await readCodes(server.url)).toContain("apps_unreadable");
  });

  it.each(["removed", "kept"])(
    "ends the server when it is replaced, and the next one uses the new file (%s)",
    async (old) => {
      const copy = await makeCopy({ disabled: true });
      const server = await startNodeServer(bundle, { OPENSEARCH_URL: store.url });
      const path = join(server.stateDir, "kv.sqlite");
      expect((await postLogs(server.url)).status).toBe(200);
      if (old === "removed") for (const end of ["", "-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
      else renameSync(path, `${path}.old`);
      copyFileSync(copy, path);
      expect(await server.exited).toBe(1);
      expect(server.lines.map(({ msg }) => msg)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^the KV file was replaced;/), "stopped"]),
      );
      await using next = await startNodeServer(bundle, { OPENSEARCH_URL: store.url }, { stateDir: server.stateDir });
      expect((await postLogs(next.url)).status).toBe(403);
    },
  );
});
