/** The server for one host as a process, from its bundle, with a scripted OpenSearch or none. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { appEntry } from "#contract/store/app-record.ts";
import { makeHome } from "./make-home.ts";
import { toAppKey } from "../../stack/apps/records.ts";
import { openKvFile } from "../../worker/node/kv-file.ts";

export const APP = "shop";
export const APP_KEY = "elk_server-test";
const READY_MS = 45_000;
const POLL_MS = 20;

export interface LogLine {
  readonly msg?: string;
  readonly message?: string;
  readonly [more: string]: unknown;
}

export interface NodeServer extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  readonly tlsPort: number;
  readonly stateDir: string;
  /** The lines that the server has logged. */
  readonly lines: readonly LogLine[];
  /** Resolves when a line with this message is logged after the first `skip` lines. */
  waitForLine(message: string, skip?: number): Promise<LogLine>;
  kill(signal: NodeJS.Signals): void;
  /** Exit code, or the name of the signal that ended the process. */
  readonly exited: Promise<number | NodeJS.Signals>;
}

/** Writes an app that accepts {@link APP_KEY}. */
export const putApp = async (stateDir: string, more: object = {}): Promise<void> => {
  using kv = openKvFile(join(stateDir, "kv.sqlite"));
  const record = {
    keys: [toAppKey(APP_KEY, 1)],
    retentionDays: 30,
    origins: ["*"],
    rate: "unlimited",
    disabled: false,
    ...more,
  };
  await kv.put(appEntry(APP), JSON.stringify(record));
};

export interface NodeServerOptions {
  /** Is used as it is. Default: a new directory with one app. */
  readonly stateDir?: string;
  /** Limit of open files of the process. */
  readonly maxFiles?: number;
}

/** Starts the server. `env` overrides the variables. Rejects with the log if it does not start. */
export const startNodeServer = async (
  bundle: string,
  env: Readonly<Record<string, string>> = {},
  { stateDir: givenDir, maxFiles }: NodeServerOptions = {},
): Promise<NodeServer> => {
  const stateDir = givenDir ?? (await makeHome("edgelog-server"));
  if (givenDir === undefined) await putApp(stateDir);
  const [command, ...args] =
    maxFiles === undefined
      ? [process.execPath, bundle]
      : ["sh", "-c", `ulimit -n ${maxFiles}; exec "$0" "$1"`, process.execPath, bundle];
  const child = spawn(command ?? "", args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      SERVER_PORT: "0",
      SERVER_TLS_PORT: "0",
      SERVER_TLS_HOST: "127.0.0.1",
      SERVER_STATE_DIR: stateDir,
      SERVER_CRONS: "request",
      OPENSEARCH_URL: "http://127.0.0.1:9",
      BROKER_URL: "http://127.0.0.1:9",
      RELAY_TOKEN: "t".repeat(32),
      ...env,
    },
  });
  const lines: LogLine[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line.startsWith("{") ? (JSON.parse(line) as LogLine) : { msg: line });
    });
  }
  const exited = once(child, "close").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  let hasExited = false;
  void exited.then(() => (hasExited = true));
  const waitForLine: NodeServer["waitForLine"] = async (message, skip = 0) => {
    for (const deadline = Date.now() + READY_MS; ;) {
      const found = lines.slice(skip).find((line) => line.msg === message || line.message === message);
      if (found !== undefined) return found;
      if (hasExited || Date.now() > deadline) {
        throw new Error(`The server did not log "${message}": ${lines.map((line) => JSON.stringify(line)).join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const remove = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
    await rm(stateDir, { recursive: true, force: true });
  };
  const started = await waitForLine("server started").catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    pid: child.pid ?? 0,
    url: String(started["url"]),
    tlsPort: Number(started["tlsPort"] ?? 0),
    stateDir,
    lines,
    waitForLine,
    kill: (signal) => void child.kill(signal),
    exited,
    [Symbol.asyncDispose]: remove,
  };
};
