/** Runs a program once in a separate process group, until all processes of the group have exited. */
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

/** Result of a run. `problem` is the reason why it never became ready, with the end of its log. */
export type RunOutcome =
  | { readonly wasReady: true; readonly readyForMs: number }
  | { readonly wasReady: false; readonly problem: string };

/** Process groups to kill when this process exits. */
const runningGroups = new Set<number>();
process.once("exit", () => {
  for (const group of runningGroups) signalGroup(group, "SIGKILL");
});
// A signal without a handler terminates the process without the event `exit`.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
  });
}

export const runProcess = async (program: Program, { onSpawn, onReady }: RunEvents): Promise<RunOutcome> => {
  const { name, log } = program;
  const file = await open(log, "a");
  const { size: logStart } = await file.stat();
  // A file and not a pipe: writes of the program must not fail when the supervisor is killed.
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    env: { ...process.env, ...program.env },
    stdio: ["ignore", file.fd, file.fd],
    detached: true,
  });
  const group = child.pid;
  const ended = new AbortController();
  const exit = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`exited with ${signal ?? `code ${code}`} before it was ready`));
  });
  void exit.then(() => ended.abort());
  if (group !== undefined) {
    runningGroups.add(group);
    onSpawn(group);
  }

  const isReady = await waitUntilReady(program.isReady, program.startDeadlineMs, ended.signal);
  const readySince = performance.now();
  if (isReady) onReady();
  const isLate = !isReady && !ended.signal.aborted;
  if (isLate && group !== undefined) await stopGroup(group, 0);

  const exitReason = await exit;
  await file.close();
  if (group !== undefined) {
    // A remaining child process would keep the port.
    await stopGroup(group, 0);
    runningGroups.delete(group);
  }
  if (isReady) return { wasReady: true, readyForMs: performance.now() - readySince };
  const how = isLate ? `was not ready after ${Math.round(program.startDeadlineMs / 1_000)} s` : exitReason;
  return { wasReady: false, problem: `${name} ${how}. The end of ${log}:\n${await readLogTail(log, logStart)}` };
};
