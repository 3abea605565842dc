/** Starts the relay, bundled from the sources in this clone. */
import { join } from "node:path";
import { writeBundle } from "../lib/cached-bundle.ts";
import { reservePort } from "../lib/ports.ts";
import { ensureSecrets } from "../lib/secrets.ts";
import { pathsOf, prepareHome, ROOT_DIR } from "../lib/state-dir.ts";
import { toHomeMarker } from "../supervise/pid-file.ts";
import { createService, type Service } from "../supervise/service.ts";
import { respondsOk } from "../supervise/wait-until-ready.ts";
import { extend, type StartOptions } from "./start-options.ts";

/** The same flags and variables as in broker/relay/Dockerfile, which explains them. */
const NODE_FLAGS = ["--max-semi-space-size=1", "--max-old-space-size=64", "--disable-warning=DEP0169"];
const MALLOC = { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "131072" };

/** `max_queued_bytes` in mosquitto.conf. */
const MAX_QUEUED_BYTES = 536_870_912;

const START_DEADLINE_MS = 30_000;
/** Longer than the relay takes at most to finish and acknowledge its messages. */
const STOP_DEADLINE_MS = 16_000;

export interface RelayOptions extends StartOptions {
  readonly home: string;
  /** Port of `/healthz` and `/metrics`. Default: a free port. */
  readonly port?: number;
  readonly brokerUrl: string;
  readonly workerUrl: string;
  /** Variables of the relay; these override the defaults, and an empty text removes one. */
  readonly env?: Readonly<Record<string, string>>;
}

const withoutEmpty = (env: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));

export interface Relay extends Service {
  /** Base URL of `/healthz` and `/metrics`. */
  readonly url: string;
}

export const startRelay = async (options: RelayOptions): Promise<Relay> => {
  const { home, brokerUrl, workerUrl, onProcess } = options;
  await prepareHome(home);
  const secrets = await ensureSecrets(home);
  const { relay: file, relayHandover, relayState, users, logs } = pathsOf(home);
  await writeBundle("relay", file);
  const port = options.port ?? (await reservePort());
  const url = `http://127.0.0.1:${port}`;
  const service = createService({
    name: "relay",
    command: process.execPath,
    args: [...NODE_FLAGS, file],
    cwd: ROOT_DIR,
    env: withoutEmpty({
      ...MALLOC,
      RELAY_BROKER_URL: brokerUrl,
      RELAY_BROKER_PASSWORD: secrets.relayPassword,
      RELAY_CLIENT_ID: secrets.relayClientId,
      RELAY_WORKER_URL: workerUrl,
      RELAY_TOKEN: secrets.relayToken,
      RELAY_HTTP_PORT: String(port),
      RELAY_HANDOVER_FILE: relayHandover,
      RELAY_STATE_FILE: relayState,
      RELAY_USERS_FILE: users,
      RELAY_BROKER_QUEUE_BYTES: String(MAX_QUEUED_BYTES),
      ...options.env,
      ...toHomeMarker(home),
    }),
    log: join(logs, "relay.log"),
    isReady: () => respondsOk(`${url}/healthz`),
    startDeadlineMs: START_DEADLINE_MS,
    stopDeadlineMs: STOP_DEADLINE_MS,
    onProcess,
  });
  await service.start();
  return extend(service, { url });
};
