/**
 * `processes.json`: the processes of the supervisor and its services. It survives a supervisor that was killed, so the
 * next start can stop exactly the orphaned processes. It is also the lock of a state directory.
 */
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { StackError } from "../lib/stack-error.ts";
import { readIfExists } from "../lib/read-if-exists.ts";
import { pathsOf } from "../lib/state-dir.ts";
import { writePrivate } from "../lib/write-private.ts";
import { stopGroup } from "./process-group.ts";
import { identify, isAlive, isSameGroup, type ProcessIdentity } from "./process-identity.ts";

const ORPHAN_STOP_DEADLINE_MS = 5_000;

export interface PidFileContent {
  readonly supervisor: ProcessIdentity;
  readonly services: Readonly<Record<string, ProcessIdentity>>;
}

/** Environment variable of all services; identifies their children after a service has exited. */
export const STACK_HOME_VARIABLE = "EDGELOG_STACK_HOME";

export const toHomeMarker = (home: string): Readonly<Record<string, string>> => ({ [STACK_HOME_VARIABLE]: home });

export const readPidFile = async (home: string): Promise<PidFileContent | undefined> => {
  const text = await readIfExists(pathsOf(home).pidFile);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as PidFileContent;
  } catch {
    return undefined;
  }
};

/** The running supervisor of this state directory, if any. */
export const findSupervisor = async (home: string): Promise<ProcessIdentity | undefined> => {
  const supervisor = (await readPidFile(home))?.supervisor;
  return supervisor !== undefined && isAlive(supervisor) ? supervisor : undefined;
};

/** Stops the services of a killed supervisor; returns their names. */
export const stopOrphans = async (home: string): Promise<string[]> => {
  const services = Object.entries((await readPidFile(home))?.services ?? {});
  const marker = `${STACK_HOME_VARIABLE}=${home}`;
  const running = services.filter(([, identity]) => isSameGroup(identity, marker));
  await Promise.all(running.map(([, { pid }]) => stopGroup(pid, ORPHAN_STOP_DEADLINE_MS)));
  return running.map(([name]) => name);
};

/** The pid file of this process. Writes are serialized. */
export interface PidFile {
  /** Records the process of a service; `undefined` removes it. */
  record(name: string, pid: number | undefined): void;
  close(): Promise<void>;
}

/** Removes the pid file of a supervisor that has exited. Restores the file and throws when its owner is running. */
export const removeStalePidFile = async (home: string): Promise<void> => {
  const path = pathsOf(home).pidFile;
  const moved = `${path}.${process.pid}.${draftCount++}.tmp`;
  const existed = await rename(path, moved).then(
    () => true,
    () => false,
  );
  if (!existed) return;
  const { supervisor } = JSON.parse(await readFile(moved, "utf8")) as PidFileContent;
  if (!isAlive(supervisor)) return rm(moved, { force: true });
  await rename(moved, path);
  throw new StackError(`Process ${supervisor.pid} is starting a stack in ${home}.`);
};

let draftCount = 0;

/** Creates the pid file of this process. Throws EEXIST when another process has one. */
export const createPidFile = async (home: string): Promise<PidFile> => {
  const path = pathsOf(home).pidFile;
  const supervisor = identify(process.pid);
  if (supervisor === undefined) throw new Error("Cannot read the start time of this process.");
  let services: Readonly<Record<string, ProcessIdentity>> = {};
  const render = (): string => `${JSON.stringify({ supervisor, services } satisfies PidFileContent, null, 2)}\n`;
  const draft = `${path}.${process.pid}.${draftCount++}.tmp`;
  await writeFile(draft, render(), { mode: 0o600 });
  try {
    // Unlike a rename, a link fails when the file exists, and a reader never sees a partial file.
    await link(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  let writing: Promise<void> = Promise.resolve();
  return {
    record: (name, pid) => {
      const { [name]: _former, ...others } = services;
      const identity = pid === undefined ? undefined : identify(pid);
      services = identity === undefined ? others : { ...others, [name]: identity };
      writing = writing.then(() => writePrivate(path, render())).catch(() => undefined);
    },
    close: async () => {
      await writing;
      await rm(path, { force: true });
    },
  };
};
