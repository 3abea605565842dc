/**
 * Runs many commands of stack/commands in one process, which loads their modules once: a start takes nearly all of the time of a command.
 * Tests of signals, of locks between commands, and of the end of a command start a separate process.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT_DIR } from "../../../stack/lib/state-dir.ts";
import type { CommandResult, CommandRun } from "./host-program.ts";

export type { CommandResult } from "./host-program.ts";

const PROGRAM = fileURLToPath(new URL("host-program.ts", import.meta.url));

export interface CommandHost extends AsyncDisposable {
  /**
   * Runs a command after those before it.
   *
   * @param command The name of a file in stack/commands.
   * @param env Added to the environment of this process.
   */
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandResult>;
}

export const startCommandHost = (): CommandHost => {
  const child = fork(PROGRAM, { cwd: ROOT_DIR, execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const exited = once(child, "exit");
  const fail = async (): Promise<never> => {
    const [code, signal] = (await exited) as [number | null, string | null];
    throw new Error(`The process of the commands has ended with ${code ?? signal}.`);
  };
  const runNow = async (message: CommandRun): Promise<CommandResult> => {
    const answered = once(child, "message");
    child.send(message);
    const [result] = (await Promise.race([answered, fail()])) as [CommandResult];
    return result;
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    async run(command, args, env = {}) {
      const path = join(ROOT_DIR, "stack/commands", command);
      const run = last.then(() => runNow({ path, args, env }));
      last = run.catch(() => undefined);
      return await run;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
};
