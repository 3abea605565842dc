/**
 * One run of one program: from its start in a process group of its own until nothing of the group is left.
 */
import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { constants } from "node:os";
import { stopGroup, signalGroup } from "./process-group.ts";
import { readLogTail } from "./service-log.ts";
import { waitUntilReady } from "./wait-until-ready.ts";

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Standard output and error are appended here. */
  readonly log: string;
  readonly isReady: () => Promise<boolean>;
  readonly startDeadlineMs: number;
}

export interface RunEvents {
  readonly onSpawn: (pid: number) => void;
  readonly onReady: () => void;
}

/** How a run went. `problem` tells why it never was ready, with the end of its log. */
export type RunOutcome =
  | { readonly wasReady: true; readonly readyForMs: number }
  | { readonly wasReady: false; readonly problem: string };

/** Groups that must not outlive this process, however it ends. */
const livingGroups = new Set<number>();
process.once("exit", () => {
  for (const group of livingGroups) signalGroup(group, "SIGKILL");
});
// A signal that nobody handles ends a process without `exit`.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
  });
}

export const runProcess = async (program: Program, { onSpawn, onReady }: RunEvents): Promise<RunOutcome> => {
  const { name, log } = program;
  const file = await open(log, "a");
  const { size: logStart } = await file.stat();
  // The file itself and no pipe: a program must not fail because its supervisor is gone.
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    env: { ...process.env, ...program.env },
    stdio: ["ignore", file.fd, file.fd],
    detached: true,
  });
  const group = child.pid;
  const ended = new AbortController();
  const ending = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`ended with ${signal ?? `code ${code}`} before it was ready`));
  });
  void ending.then(() => ended.abort());
  if (group !== undefined) {
    livingGroups.add(group);
    onSpawn(group);
  }

  const isReady = await waitUntilReady(program.isReady, program.startDeadlineMs, ended.signal);
  const readySince = performance.now();
  if (isReady) onReady();
  const isLate = !isReady && !ended.signal.aborted;
  if (isLate && group !== undefined) await stopGroup(group, 0);

  const end = await ending;
  await file.close();
  if (group !== undefined) {
    // A child left behind would hold the port.
    await stopGroup(group, 0);
    livingGroups.delete(group);
  }
  if (isReady) return { wasReady: true, readyForMs: performance.now() - readySince };
  const how = isLate ? `was not ready after ${Math.round(program.startDeadlineMs / 1_000)} s` : end;
  return { wasReady: false, problem: `${name} ${how}. The end of ${log}:\n${await readLogTail(log, logStart)}` };
};
