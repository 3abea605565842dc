/**
 * Starts programs that use the built `edgelog-node` and exchange messages with their test.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { NODE_MODULE } from "./start-process.ts";

/** Starts of all programs: the package, and the options that the test passes. */
const SETUP = `
const { module, options } = JSON.parse(process.argv[1]);
const { createLogger } = await import(module);
`;

export interface ProgramOptions {
  /** Options of `createLogger`: `options` in the program. */
  readonly options: object;
  /** Code before the package is imported. */
  readonly before?: string;
  /** Limit of the size of files in KiB, in place of a full disk. */
  readonly maxFileKb?: number;
}

export interface Program {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  /** Removes the limit of the size of files. */
  removeFileLimit(): void;
  kill(): Promise<void>;
}

/** Starts a module with this text. */
export const startProgram = (code: string, { options, before = "", maxFileKb }: ProgramOptions): Program => {
  const node = [process.execPath, "--input-type=module", "-e", before + SETUP + code];
  const limited = ["bash", "-c", `trap '' XFSZ; ulimit -S -f ${maxFileKb}; exec "$0" "$@"`, ...node];
  const [command = "", ...args] = maxFileKb === undefined ? node : limited;
  const child = spawn(command, [...args, JSON.stringify({ module: NODE_MODULE, options })], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const closed = once(child, "close");
  let stderr = "";
  child.stderr?.on("data", (text: Buffer) => (stderr += text.toString()));
  return {
    child,
    stderr: () => stderr,
    removeFileLimit: () => void execFileSync("prlimit", ["--pid", String(child.pid), "--fsize=unlimited"]),
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
  };
};
