/** Orphaned processes of a killed supervisor are stopped; other processes that reuse their ids are not. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome } from "../../tests/support/make-home.ts";
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
  if (identity === undefined) throw new Error("The child has exited.");
  return identity;
};

const writePidFile = (
  supervisor: ProcessIdentity,
  services: Readonly<Record<string, ProcessIdentity>>,
): Promise<void> => writeFile(pathsOf(home).pidFile, JSON.stringify({ supervisor, services }));

/** No process has this id: ids are below 2^22. */
const NO_PROCESS: ProcessIdentity = { pid: 4_194_304, started: "never" };

beforeEach(async () => {
  home = await makeHome("leftovers");
  homes.push(home);
});

afterEach(() => {
  for (const { pid } of children.splice(0)) {
    try {
      process.kill(-pid!, "SIGKILL");
    } catch {
      // The test has already stopped it.
    }
  }
});

afterAll(() => Promise.all(homes.map((dir) => rm(dir, { recursive: true, force: true }))));

describe(stopOrphans, () => {
  it("stops a service that is recorded in the pid file", async () => {
    const service = spawnPart("sleep 600");
    await writePidFile(NO_PROCESS, { relay: identityOf(service) });
    expect(await stopOrphans(home)).toEqual(["relay"]);
    expect(isGroupAlive(service.pid!)).toBe(false);
  });

  it("stops the children of a service that has exited", async () => {
    const service = spawnPart("sleep 600 & sleep 0.2");
    const exited = once(service, "exit");
    await writePidFile(NO_PROCESS, { worker: identityOf(service) });
    await exited;
    expect(isGroupAlive(service.pid!)).toBe(true);
    expect(await stopOrphans(home)).toEqual(["worker"]);
    expect(isGroupAlive(service.pid!)).toBe(false);
  });

  it("does not stop another process that reuses the id of a service", async () => {
    const other = spawnPart("sleep 600");
    const { pid, started } = identityOf(other);
    await writePidFile(NO_PROCESS, { relay: { pid, started: `${started}0` } });
    expect(await stopOrphans(home)).toEqual([]);
    expect(isGroupAlive(pid)).toBe(true);
  });
});

describe(lockHome, () => {
  it("throws while a supervisor runs, and succeeds after it has exited", async () => {
    const supervisor = spawnPart("sleep 600", {});
    await writePidFile(identityOf(supervisor), {});
    expect((await findSupervisor(home))?.pid).toBe(supervisor.pid);
    await expect(lockHome(home)).rejects.toThrow(`process ${supervisor.pid}`);
    supervisor.kill("SIGKILL");
    await once(supervisor, "exit");
    const { pidFile, stoppedOrphans } = await lockHome(home);
    expect(stoppedOrphans).toEqual([]);
    expect((await findSupervisor(home))?.pid).toBe(process.pid);
    await pidFile.close();
    expect(await findSupervisor(home)).toBeUndefined();
  });

  it("succeeds for one of two concurrent callers", async () => {
    const outcomes = await Promise.allSettled([lockHome(home), lockHome(home)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});
