/**
 * Runs files of stack/commands, one for each message of its parent. A command is loaded again for each run, and the modules that it imports
 * only once. Ends with its parent.
 */
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

export interface CommandRun {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order of writing. */
  readonly all: string;
}

const initialEnv = { ...process.env };

let stdout = "";
let stderr = "";
let all = "";

process.stdout.write = (chunk: string | Uint8Array, ...more: readonly unknown[]): boolean => {
  stdout += String(chunk);
  all += String(chunk);
  const onWritten = more.at(-1);
  if (typeof onWritten === "function") onWritten();
  return true;
};
process.stderr.write = (chunk: string | Uint8Array): boolean => {
  stderr += String(chunk);
  all += String(chunk);
  return true;
};

/** Thrown by `process.exit`, because the process stays. */
class CommandExit extends Error {
  override readonly name = "CommandExit";
  readonly code: number;

  constructor(code: number) {
    super(`process.exit(${code})`);
    this.code = code;
  }
}

const exit = process.exit.bind(process);
process.exit = (code): never => {
  throw new CommandExit(Number(code ?? process.exitCode ?? 0));
};

const trimEnd = (text: string): string => text.replace(/\n$/, "");

let runs = 0;
const run = async ({ path, args, env }: CommandRun): Promise<CommandResult> => {
  [stdout, stderr, all] = ["", "", ""];
  process.argv = [process.execPath, path, ...args];
  process.env = { ...initialEnv, ...env };
  process.exitCode = undefined;
  runs += 1;
  try {
    await import(`${pathToFileURL(path).href}?run=${runs}`);
  } catch (error) {
    if (!(error instanceof CommandExit)) process.stderr.write(`${inspect(error)}\n`);
    process.exitCode = error instanceof CommandExit ? error.code : 1;
  }
  const exitCode = Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  return { exitCode, stdout: trimEnd(stdout), stderr: trimEnd(stderr), all: trimEnd(all) };
};

process.on("message", (message: CommandRun) => void run(message).then((result) => process.send?.(result)));
process.on("disconnect", () => exit());
