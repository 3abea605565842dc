/**
 * What the supervisor started and has not ended: `processes.json`. It outlives a supervisor that was killed, so that the
 * next start finds the leftovers and ends them, and only them. It is the lock of a state directory too.
 */
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { StackError } from "../lib/stack-error.ts";
import { pathsOf } from "../lib/state-dir.ts";
import { writePrivate } from "../lib/write-private.ts";
import { stopGroup } from "./process-group.ts";
import { identify, isAlive, isSameGroup, type ProcessIdentity } from "./process-identity.ts";

const LEFTOVER_DEADLINE_MS = 5_000;

export interface PidFileContent {
  readonly supervisor: ProcessIdentity;
  readonly services: Readonly<Record<string, ProcessIdentity>>;
}

/** Environment variable that each service carries, so that its children are known when it is gone. */
export const STACK_HOME_VARIABLE = "EDGELOG_STACK_HOME";

export const toHomeMarker = (home: string): Readonly<Record<string, string>> => ({ [STACK_HOME_VARIABLE]: home });

export const readPidFile = async (home: string): Promise<PidFileContent | undefined> => {
  try {
    return JSON.parse(await readFile(pathsOf(home).pidFile, "utf8")) as PidFileContent;
  } catch {
    return undefined;
  }
};

/** The supervisor of this state directory, where one lives. */
export const findSupervisor = async (home: string): Promise<ProcessIdentity | undefined> => {
  const supervisor = (await readPidFile(home))?.supervisor;
  return supervisor !== undefined && isAlive(supervisor) ? supervisor : undefined;
};

/** Ends what a killed supervisor left behind; returns the names of what it ended. */
export const stopOrphans = async (home: string): Promise<string[]> => {
  const services = Object.entries((await readPidFile(home))?.services ?? {});
  const marker = `${STACK_HOME_VARIABLE}=${home}`;
  const living = services.filter(([, identity]) => isSameGroup(identity, marker));
  await Promise.all(living.map(([, { pid }]) => stopGroup(pid, LEFTOVER_DEADLINE_MS)));
  return living.map(([name]) => name);
};

/** Keeps the book of this process; writes follow one another, the last one wins. */
export interface PidFile {
  note(name: string, pid: number | undefined): void;
  close(): Promise<void>;
}

/** Removes the book of a supervisor that is gone; puts it back and throws when its owner lives after all. */
export const removeStalePidFile = async (home: string): Promise<void> => {
  const path = pathsOf(home).pidFile;
  const taken = `${path}.${process.pid}.${draftCount++}.tmp`;
  const isThere = await rename(path, taken).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  const { supervisor } = JSON.parse(await readFile(taken, "utf8")) as PidFileContent;
  if (!isAlive(supervisor)) return rm(taken, { force: true });
  await rename(taken, path);
  throw new StackError(`Process ${supervisor.pid} starts a stack in ${home} at this moment.`);
};

let draftCount = 0;

/** Opens the book for this process. Throws EEXIST when another process has it. */
export const createPidFile = async (home: string): Promise<PidFile> => {
  const path = pathsOf(home).pidFile;
  const supervisor = identify(process.pid);
  if (supervisor === undefined) throw new Error("Cannot read this process's own start time.");
  let services: Readonly<Record<string, ProcessIdentity>> = {};
  const render = (): string => `${JSON.stringify({ supervisor, services } satisfies PidFileContent, null, 2)}\n`;
  const draft = `${path}.${process.pid}.${draftCount++}.tmp`;
  await writeFile(draft, render(), { mode: 0o600 });
  try {
    // Unlike a rename, a link fails where there is a book, and nobody ever sees half of one.
    await link(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  let writing: Promise<void> = Promise.resolve();
  return {
    note: (name, pid) => {
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
