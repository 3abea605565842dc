/**
 * Starts programs that use the built `edgelog-node`.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { LoggingLine, LoggingOptions } from "./logging-process.ts";

const PROGRAM = fileURLToPath(new URL("logging-process.ts", import.meta.url));
export const NODE_MODULE = new URL("../../../web-client/node-package/lib/index.js", import.meta.url).href;

export interface LoggingProcess {
  readonly child: ChildProcess;
  /** Numbers of the events that the process had written to its outbox. */
  readonly written: readonly number[];
  readonly stderr: () => string;
  /** Resolves when the process has written this many numbers. Rejects when it ends before. */
  waitForWritten(count: number): Promise<void>;
  kill(): Promise<void>;
  /** Lets it close its logger; resolves with its counts. */
  end(): Promise<Extract<LoggingLine, { readonly counts: object }>>;
}

export const startLogging = (
  options: Omit<LoggingOptions, "module">,
  env: Readonly<Record<string, string>> = {},
): LoggingProcess => {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify({ module: NODE_MODULE, ...options })], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const written: number[] = [];
  let last: Extract<LoggingLine, { readonly counts: object }> | undefined;
  let stderr = "";
  let onLine = (): void => {};
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as LoggingLine;
    if ("written" in line) written.push(line.written);
    else last = line;
    onLine();
  });
  const closed = once(child, "close");
  return {
    child,
    written,
    stderr: () => stderr,
    waitForWritten: (count) =>
      new Promise((resolve, reject) => {
        onLine = () => {
          if (written.length >= count) resolve();
        };
        onLine();
        void closed.then(() => reject(new Error(`The process has ended: ${stderr}`)));
      }),
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
    async end() {
      child.stdin.end();
      await closed;
      if (last === undefined) throw new Error(`The process ended without its counts: ${stderr}`);
      return last;
    },
  };
};
