/** The Worker of a stack in workerd, with a store that stores nothing. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeHome } from "../../tests/support/make-home.ts";
import { startBulkStore, type BulkStore } from "../../tests/support/bulk-store.ts";
import { findWorkerd } from "../../tests/support/workerd-process.ts";
import { killService } from "../../tests/support/kill-service.ts";
import { pathsOf } from "../lib/state-dir.ts";
import { startWorker, type Worker } from "../services/worker.ts";

let home: string;
let pagesDir: string;
let store: BulkStore;
let worker: Worker;

const readPage = async (): Promise<string> => (await fetch(new URL("/page.html", worker.url))).text();
const healthStatus = async (): Promise<number> =>
  (await fetch(new URL("/healthz", worker.url)).catch(() => ({ status: 0 }))).status;

beforeAll(async () => {
  home = await makeHome("edgelog-worker");
  pagesDir = await mkdtemp(join(home, "pages-"));
  await writeFile(join(pagesDir, "page.html"), "first");
  store = await startBulkStore(0);
  worker = await startWorker({ home, pagesDir, opensearchUrl: store.url });
});
afterAll(async () => {
  await worker?.stop();
  await store?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

it("passes secrets in files that only their owner can read, and not as arguments", async () => {
  const { relayToken } = worker.secrets;
  const pids = [worker.pid ?? 0, ...findWorkerd(worker.pid ?? 0)];
  expect(pids).toHaveLength(2);
  for (const pid of pids) expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).not.toContain(relayToken);
  const { workerVariables } = pathsOf(home);
  expect(await readFile(workerVariables, "utf8")).toContain(relayToken);
  expect((await stat(workerVariables)).mode & 0o077).toBe(0);
});

it("runs a bundle that does not set the names of functions", async () => {
  // esbuild's `keepNames` defines the name of each function when it is created, also of those that are created for each log.
  const setsName = /"name",\{value:\w+,configurable:!0\}/;
  expect(await readFile(pathsOf(home).workerBundle, "utf8")).not.toMatch(setsName);
});

it("serves pages that are built again", async () => {
  expect(await readPage()).toBe("first");
  await writeFile(join(pagesDir, "page.html"), "second");
  await expect.poll(() => readPage().catch(() => "")).toBe("second");
});

it("runs again after workerd is killed", async () => {
  await expect.poll(healthStatus).toBe(200);
  const [pid = 0] = findWorkerd(worker.pid ?? 0);
  process.kill(pid, "SIGKILL");
  await expect.poll(() => findWorkerd(worker.pid ?? 0).some((each) => each !== pid)).toBe(true);
  await expect.poll(healthStatus).toBe(200);
});

it("runs again after its process group is killed, and keeps no temporary files of the killed one", async () => {
  await killService(worker);
  expect(await healthStatus()).toBe(200);
  expect(await readdir(pathsOf(home).workerTemp)).toHaveLength(1);
});
