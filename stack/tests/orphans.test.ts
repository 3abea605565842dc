/** What a killed supervisor leaves behind is found and ended; what only has the same process id is not. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { pathsOf } from "../lib/state-dir.ts";
import { lockHome } from "../supervise/lock-home.ts";
import { stopOrphans, findSupervisor, toHomeMarker } from "../supervise/pid-file.ts";
import { identify, isGroupAlive, type ProcessIdentity } from "../supervise/process-identity.ts";

const homes: string[] = [];
const children: ChildProcess[] = [];
let home: string;

const spawnPart = (command: string, env: Readonly<Record<string, string>> = toHomeMarker(home)): ChildProcess => {
  const child = spawn("sh", ["-c", command], { detached: true, stdio: "ignore", env: { ...process.env, ...env } });
  children.push(child);
  return child;
};

const identityOf = (child: ChildProcess): ProcessIdentity => {
  const identity = identify(child.pid!);
  if (identity === undefined) throw new Error("The child is gone.");
  return identity;
};

const writeBook = (supervisor: ProcessIdentity, services: Readonly<Record<string, ProcessIdentity>>): Promise<void> =>
  writeFile(pathsOf(home).pidFile, JSON.stringify({ supervisor, services }));

/** No process has it: ids end at 2^22. */
const NOBODY: ProcessIdentity = { pid: 4_194_304, started: "never" };

beforeEach(async () => {
  home = await mkdtemp(join(process.env["EDGELOG_TEST_HOME"] ?? tmpdir(), "leftovers-"));
  homes.push(home);
});

afterEach(() => {
  for (const { pid } of children.splice(0)) {
    try {
      process.kill(-pid!, "SIGKILL");
    } catch {
      // Ended by the test, as it should be.
    }
  }
});

afterAll(() => Promise.all(homes.map((dir) => rm(dir, { recursive: true, force: true }))));

describe(stopOrphans, () => {
  it("ends a service that is still the one in the book", async () => {
    const service = spawnPart("sleep 600");
    await writeBook(NOBODY, { relay: identityOf(service) });
    expect(await stopOrphans(home)).toEqual(["relay"]);
    expect(isGroupAlive(service.pid!)).toBe(false);
  });

  it("ends the children of a service that is gone itself", async () => {
    const service = spawnPart("sleep 600 & sleep 0.2");
    await writeBook(NOBODY, { worker: identityOf(service) });
    await once(service, "exit");
    expect(isGroupAlive(service.pid!)).toBe(true);
    expect(await stopOrphans(home)).toEqual(["worker"]);
    expect(isGroupAlive(service.pid!)).toBe(false);
  });

  it("leaves alone what has the id of a service and is another process", async () => {
    const stranger = spawnPart("sleep 600");
    const { pid, started } = identityOf(stranger);
    await writeBook(NOBODY, { relay: { pid, started: `${started}0` } });
    expect(await stopOrphans(home)).toEqual([]);
    expect(isGroupAlive(pid)).toBe(true);
  });
});

describe(lockHome, () => {
  it("refuses while a supervisor lives, and takes over when it is gone", async () => {
    const supervisor = spawnPart("sleep 600", {});
    await writeBook(identityOf(supervisor), {});
    expect((await findSupervisor(home))?.pid).toBe(supervisor.pid);
    await expect(lockHome(home)).rejects.toThrow(`process ${supervisor.pid}`);
    supervisor.kill("SIGKILL");
    await once(supervisor, "exit");
    const { book, ended } = await lockHome(home);
    expect(ended).toEqual([]);
    expect((await findSupervisor(home))?.pid).toBe(process.pid);
    await book.close();
    expect(await findSupervisor(home)).toBeUndefined();
  });

  it("lets one of two that come at once win", async () => {
    const outcomes = await Promise.allSettled([lockHome(home), lockHome(home)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});
