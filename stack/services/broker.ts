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
import { writeBrokerFiles, type BrokerPorts } from "./broker-files.ts";
import { extend, type StartOptions } from "./start-options.ts";

/** Loading a large saved queue takes its time. */
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 15_000;

export interface BrokerOptions extends StartOptions {
  readonly home: string;
  /** Free ones are chosen where none is given. */
  readonly ports?: Partial<BrokerPorts>;
  /** Lets clients without a user name publish to the legacy topic. Default: true. */
  readonly legacy?: boolean;
}

export interface Broker extends Service {
  readonly ports: BrokerPorts;
  readonly secrets: Secrets;
  /** `mqtt://127.0.0.1:…`, plain. */
  readonly mqttUrl: string;
  /** Path of the CA's certificate. */
  readonly ca: string;
  readonly version: string;
  /** Writes sessions and queues to disk now: what a crash leaves is the last save. */
  save(): void;
}

/**
 * A save that met a full disk leaves half a file, and Mosquitto would refuse to start from it for ever. Put aside it costs
 * what was only in there; clients with receipts send that again.
 */
const putUnreadableAside = async (data: string, problem: string): Promise<boolean> => {
  if (!problem.includes("Couldn't open database")) return false;
  const saved = join(data, "mosquitto.db");
  return rename(saved, `${saved}.unreadable`).then(
    () => true,
    () => false,
  );
};

const acceptsConnections = (port: number): Promise<boolean> =>
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
  const ports: BrokerPorts = {
    mqtt: given.mqtt ?? (await reservePort()),
    mqtts: given.mqtts ?? (await reservePort()),
    wss: given.wss ?? (await reservePort()),
    ws: given.ws ?? (await reservePort()),
  };
  const config = await writeBrokerFiles({ home, ports, legacy, secrets });
  const { mosquitto, logs, ca } = pathsOf(home);
  const service = createService({
    name: "broker",
    command: broker,
    args: ["-c", config],
    cwd: mosquitto,
    env: toHomeMarker(home),
    log: join(logs, "broker.log"),
    isReady: () => acceptsConnections(ports.mqtt),
    startDeadlineMs: START_DEADLINE_MS,
    stopDeadlineMs: STOP_DEADLINE_MS,
    mend: (problem) => putUnreadableAside(join(mosquitto, "data"), problem),
    onProcess,
  });
  await service.start();
  return extend(service, {
    ports,
    secrets,
    mqttUrl: `mqtt://127.0.0.1:${ports.mqtt}`,
    ca,
    version,
    save: () => service.kill("SIGUSR1"),
  });
};
