/**
 * Which ports a stack listens on. `npm start` has fixed ones, each of which an environment variable can change; tests
 * have free ones, reserved once so that a part that is started again keeps its port.
 */
import { createServer } from "node:net";
import getPort, { portNumbers } from "get-port";
import { StackError } from "./stack-error.ts";
import { describePortOwner } from "./port-owner.ts";

export interface Ports {
  readonly worker: number;
  readonly mqtt: number;
  readonly mqtts: number;
  readonly wss: number;
  readonly ws: number;
  readonly opensearch: number;
  readonly relay: number;
}

const DEFAULTS: Ports = { worker: 8787, mqtt: 1883, mqtts: 8883, wss: 8084, ws: 9001, opensearch: 9200, relay: 9464 };

const VARIABLES: Readonly<Record<keyof Ports, string>> = {
  worker: "EDGELOG_WORKER_PORT",
  mqtt: "EDGELOG_MQTT_PORT",
  mqtts: "EDGELOG_MQTTS_PORT",
  wss: "EDGELOG_WSS_PORT",
  ws: "EDGELOG_WS_PORT",
  opensearch: "EDGELOG_OPENSEARCH_PORT",
  relay: "EDGELOG_RELAY_PORT",
};

const NAMES = Object.keys(DEFAULTS) as (keyof Ports)[];

/** Below where Linux takes the local ports of outgoing connections, which could sit on ours during a restart. */
const FIRST_FREE_PORT = 20_000;
const LAST_FREE_PORT = 32_000;
const SLOT_SIZE = 12;

/** The ports of `npm start`. */
export const readPorts = (env: NodeJS.ProcessEnv = process.env): Ports => {
  const entries = NAMES.map((name) => {
    const text = env[VARIABLES[name]];
    const port = text === undefined || text === "" ? DEFAULTS[name] : Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new StackError(`${VARIABLES[name]}=${text} is not a port: it must be a number from 1 to 65535.`);
    }
    return [name, port] as const;
  });
  const ports = Object.fromEntries(entries) as unknown as Ports;
  for (const [name, port] of entries) {
    const twin = NAMES.find((other) => other < name && ports[other] === port);
    if (twin !== undefined) throw new StackError(`${VARIABLES[twin]} and ${VARIABLES[name]} are both ${port}.`);
  }
  return ports;
};

/** A free port. Processes look in different places first, so that two that start at once do not choose the same. */
export const reservePort = (): Promise<number> => {
  const slots = Math.floor((LAST_FREE_PORT - FIRST_FREE_PORT) / SLOT_SIZE);
  const first = FIRST_FREE_PORT + (process.pid % slots) * SLOT_SIZE;
  const candidates = [...portNumbers(first, LAST_FREE_PORT), ...portNumbers(FIRST_FREE_PORT, first)];
  return getPort({ port: candidates, host: "127.0.0.1", reserve: true });
};

/** Free ports for what is not given. */
export const reservePorts = async (given: Partial<Ports> = {}): Promise<Ports> => {
  const entries: [string, number][] = [];
  for (const name of NAMES) entries.push([name, given[name] ?? (await reservePort())]);
  return Object.fromEntries(entries) as unknown as Ports;
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else if (error.code === "EACCES") reject(new StackError(`Port ${port} is not for users without privileges.`));
      else reject(error);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });

/** Throws when one of these ports is taken: which, by whom, and how to choose another. */
export const assertPortsFree = async (ports: Partial<Ports>): Promise<void> => {
  const taken: string[] = [];
  for (const name of NAMES) {
    const port = ports[name];
    if (port === undefined || (await isFree(port))) continue;
    const holder = await describePortOwner(port);
    taken.push(`Port ${port} (${name}) is taken by ${holder}. ${VARIABLES[name]}=<port> chooses another.`);
  }
  if (taken.length > 0) throw new StackError(taken.join("\n"));
};
