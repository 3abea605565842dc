/**
 * Starts the Worker with KV and secrets from the state directory: in workerd with Miniflare, or in Node.js with the server for one
 * host.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { seedDemo } from "../apps/demo.ts";
import { PAGES_DIR } from "../lib/build-pages.ts";
import { writeBundle } from "../lib/cached-bundle.ts";
import { reservePort } from "../lib/ports.ts";
import { DEMO_APP, ensureSecrets, type Secrets } from "../lib/secrets.ts";
import { pathsOf, prepareHome, ROOT_DIR } from "../lib/state-dir.ts";
import { toHomeMarker } from "../supervise/pid-file.ts";
import { createService, type Service } from "../supervise/service.ts";
import { respondsOk } from "../supervise/wait-until-ready.ts";
import { writePrivate } from "../lib/write-private.ts";
import type { Program } from "../supervise/run-process.ts";
import { extend, type StartOptions } from "./start-options.ts";
import { readRuntime } from "./runtime.ts";

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 10_000;

/** URL without a listener, for a Worker that is started without a broker. */
const NO_BROKER_URL = "http://127.0.0.1:9";

export interface WorkerOptions extends StartOptions {
  readonly home: string;
  /** Default: a free port. */
  readonly port?: number;
  readonly opensearchUrl: string;
  /** The broker's plain WebSocket listener, with the scheme `http`. */
  readonly brokerUrl?: string;
  /** The broker's WSS listener, which the demo page can connect to directly. */
  readonly mqttWssUrl?: string;
  /** Accepts messages on the legacy topic as those of the demo app. Default: true. */
  readonly legacy?: boolean;
  /** Variables of the Worker; these override the defaults. */
  readonly env?: Readonly<Record<string, string>>;
  /** The built pages. Default: those of this clone. */
  readonly pagesDir?: string;
  /** Opens workerd's inspector on a free port. Default: false. */
  readonly isInspected?: boolean;
}

export interface Worker extends Service {
  readonly url: string;
  readonly secrets: Secrets;
}

const RUN_WORKER = join(import.meta.dirname, "run-worker.ts");

interface Launch {
  readonly home: string;
  readonly secrets: Secrets;
  readonly port: number;
  readonly pagesDir: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly isInspected: boolean;
}

type Command = Pick<Program, "command" | "args" | "env">;

const toWorkerdCommand = async ({ home, port, pagesDir, variables, isInspected }: Launch): Promise<Command> => {
  const { workerVariables, workerBundle } = pathsOf(home);
  await writeBundle("worker", workerBundle);
  // A file and not arguments, which every user of the machine can read.
  await writePrivate(workerVariables, JSON.stringify(variables));
  const args = [RUN_WORKER, `--home=${home}`, `--port=${port}`, `--pages=${pagesDir}`];
  if (isInspected) args.push(`--inspector-port=${await reservePort()}`);
  return { command: process.execPath, args, env: { NO_COLOR: "1" } };
};

const toNodeCommand = async ({ home, secrets, port, pagesDir, variables }: Launch): Promise<Command> => {
  const { worker, server } = pathsOf(home);
  await writeBundle("server", server);
  await seedDemo(home, secrets);
  const env = {
    SERVER_PORT: String(port),
    SERVER_STATE_DIR: worker,
    SERVER_PAGES_DIR: pagesDir,
    // The stack has its own schedule, and tests request the runs.
    SERVER_CRONS: "request",
    ...variables,
  };
  return { command: process.execPath, args: [server], env };
};

export const startWorker = async (options: WorkerOptions): Promise<Worker> => {
  const { home, opensearchUrl, brokerUrl = NO_BROKER_URL, mqttWssUrl, onProcess } = options;
  const { pagesDir = PAGES_DIR, legacy = true, isInspected = false } = options;
  await prepareHome(home);
  const secrets = await ensureSecrets(home);
  const { worker, logs } = pathsOf(home);
  await mkdir(worker, { recursive: true, mode: 0o700 });
  const port = options.port ?? (await reservePort());
  const url = `http://127.0.0.1:${port}`;
  const variables: Record<string, string> = {
    OPENSEARCH_URL: opensearchUrl,
    BROKER_URL: brokerUrl,
    RELAY_TOKEN: secrets.relayToken,
    TAIL_PASSWORD: secrets.tailPassword,
    // Changes of apps and tokens are effective at once.
    APP_CACHE_SECONDS: "0",
    DEMO_CONFIG: JSON.stringify({ app: DEMO_APP, key: secrets.appKey, mqttWssUrl }),
    ...(legacy ? { LEGACY_APP: DEMO_APP } : {}),
    ...options.env,
  };
  const toCommand = readRuntime() === "node" ? toNodeCommand : toWorkerdCommand;
  const { command, args, env } = await toCommand({ home, secrets, port, pagesDir, variables, isInspected });
  const service = createService({
    name: "worker",
    command,
    args,
    cwd: ROOT_DIR,
    env: { ...env, ...toHomeMarker(home) },
    log: join(logs, "worker.log"),
    isReady: () => respondsOk(`${url}/healthz`),
    startDeadlineMs: START_DEADLINE_MS,
    stopDeadlineMs: STOP_DEADLINE_MS,
    onProcess,
  });
  await service.start();
  return extend(service, { url, secrets });
};
