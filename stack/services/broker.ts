/** Mosquitto with the production configuration on loopback ports. */
import { rename } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { ensureMosquitto } from "../install/mosquitto.ts";
import { reservePort } from "../lib/ports.ts";
import { ensureSecrets, type Secrets } from "../lib/secrets.ts";
import { pathsOf, prepareHome } from "../lib/state-dir.ts";
import { toHomeMarker } from "../supervise/pid-file.ts";
import { createService, type Service } from "../supervise/service.ts";
import { writeBrokerFiles } from "./broker-files.ts";
import { LISTENER_NAMES, toListenerUrls, type ListenerPorts } from "./listeners.ts";
import { extend, type StartOptions } from "./start-options.ts";

/** Mosquitto loads its saved queue before it listens; a large queue takes tens of seconds. */
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 15_000;

export interface BrokerOptions extends StartOptions {
  readonly home: string;
  /** Default: free ports. */
  readonly ports?: Partial<ListenerPorts>;
  /** Allows clients without a user name to publish to the legacy topic. Default: true. */
  readonly legacy?: boolean;
}

export interface Broker extends Service {
  readonly ports: ListenerPorts;
  readonly secrets: Secrets;
  /** URL of the plain MQTT listener. */
  readonly mqttUrl: string;
  /** Path of the CA certificate. */
  readonly ca: string;
  readonly version: string;
  /** Writes sessions and queues to disk now. After a crash the broker resumes from the last save. */
  save(): void;
}

/**
 * A save on a full disk leaves a truncated file, and Mosquitto never starts from it. Moving it aside loses the messages
 * that existed only there; clients with receipts send them again.
 */
const moveTruncatedDatabase = async (data: string, problem: string): Promise<boolean> => {
  if (!problem.includes("Couldn't open database")) return false;
  const saved = join(data, "mosquitto.db");
  return rename(saved, `${saved}.unreadable`).then(
    () => true,
    () => false,
  );
};

export const acceptsConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

export const startBroker = async ({
  home,
  ports: given = {},
  legacy = true,
  onProcess,
}: BrokerOptions): Promise<Broker> => {
  await prepareHome(home);
  const { broker, version } = await ensureMosquitto(home);
  const secrets = await ensureSecrets(home);
  const entries: [string, number][] = [];
  for (const name of LISTENER_NAMES) entries.push([name, given[name] ?? (await reservePort())]);
  const ports = Object.fromEntries(entries) as unknown as ListenerPorts;
  const start = await writeBrokerFiles({ home, ports, legacy, secrets });
  const { mosquitto, logs, ca } = pathsOf(home);
  const service = createService({
    name: "broker",
    command: "sh",
    args: [start, broker],
    cwd: mosquitto,
    env: toHomeMarker(home),
    log: join(logs, "broker.log"),
    isReady: () => acceptsConnections(ports.mqtt),
    startDeadlineMs: START_DEADLINE_MS,
    stopDeadlineMs: STOP_DEADLINE_MS,
    repair: (problem) => moveTruncatedDatabase(join(mosquitto, "data"), problem),
    onProcess,
  });
  await service.start();
  return extend(service, {
    ports,
    secrets,
    mqttUrl: toListenerUrls(ports).mqtt,
    ca,
    version,
    save: () => service.kill("SIGUSR1"),
  });
};
