/** The lock of `npm run reindex` on a machine on which no stack has run. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { execa } from "execa";
import { expect, it } from "vitest";
import { withFileLock } from "../lib/file-lock.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";

it("is held while the command works, although the state directory did not exist", { timeout: 60_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), "edgelog-reindex-lock-"));
  const home = join(dir, "home");
  const requested = Promise.withResolvers<void>();
  // Does not respond until the test has tried the lock.
  const released = Promise.withResolvers<void>();
  const server = createServer((_, response) => {
    requested.resolve();
    void released.promise.then(() => response.writeHead(404).end("{}"));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const running = execa(process.execPath, ["stack/commands/reindex.ts", "logs-30d-2026.01.02"], {
    cwd: ROOT_DIR,
    env: { EDGELOG_HOME: home, OPENSEARCH_URL: `http://127.0.0.1:${port}` },
    reject: false,
  });
  await requested.promise;
  const database = new DatabaseSync(join(home, "reindex.lock"), { timeout: 0 });
  expect(() => database.exec("BEGIN EXCLUSIVE")).toThrow("database is locked");
  database.close();
  released.resolve();
  expect((await running).exitCode).toBe(1);
  server.close();
  await rm(dir, { recursive: true });
});

it("is an error in a folder that does not exist, instead of no lock", async () => {
  await expect(withFileLock("/nowhere/file", async () => undefined)).rejects.toThrow("Cannot lock /nowhere/file.lock");
});
