/**
 * The ports of a stack. `npm start` uses fixed defaults, which environment variables override. Tests use free ports,
 * reserved once, so a restarted service keeps its port.
 */
import { createServer } from "node:net";
import getPort, { portNumbers } from "get-port";
import { mapListeners } from "../services/listeners.ts";
import { StackError } from "./stack-error.ts";
import { describePortOwner } from "./port-owner.ts";

export const DEFAULT_PORTS = {
  worker: 8787,
  ...mapListeners((_, { defaultPort }) => defaultPort),
  opensearch: 9200,
  relay: 9464,
};

export type Ports = Readonly<typeof DEFAULT_PORTS>;
export type PortName = keyof Ports;

const NAMES = Object.keys(DEFAULT_PORTS) as readonly PortName[];

/** The environment variable that overrides a port, for instance `EDGELOG_WSS_PORT`. */
export const toPortVariable = (name: PortName): string => `EDGELOG_${name.toUpperCase()}_PORT`;

/** Below Linux's default range for outgoing connections (32768), so none of them occupies a port during a restart. */
const FIRST_FREE_PORT = 20_000;
const LAST_FREE_PORT = 32_000;
const SLOT_SIZE = 12;

/** Reads the ports of `npm start`. Throws when a variable is not a valid port or two services share one. */
export const readPorts = (env: NodeJS.ProcessEnv = process.env): Ports => {
  const entries = NAMES.map((name) => {
    const text = env[toPortVariable(name)];
    const port = text === undefined || text === "" ? DEFAULT_PORTS[name] : Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new StackError(`${toPortVariable(name)}=${text} is not a valid port: use a number from 1 to 65535.`);
    }
    return [name, port] as const;
  });
  const ports = Object.fromEntries(entries) as unknown as Ports;
  for (const [name, port] of entries) {
    const other = NAMES.find((candidate) => candidate < name && ports[candidate] === port);
    if (other !== undefined) {
      throw new StackError(`${toPortVariable(other)} and ${toPortVariable(name)} are both ${port}.`);
    }
  }
  return ports;
};

/** Reserves a free port. Each process starts its search at a different offset, so concurrent starts do not collide. */
export const reservePort = (): Promise<number> => {
  const slots = Math.floor((LAST_FREE_PORT - FIRST_FREE_PORT) / SLOT_SIZE);
  const first = FIRST_FREE_PORT + (process.pid % slots) * SLOT_SIZE;
  const candidates = [...portNumbers(first, LAST_FREE_PORT), ...portNumbers(FIRST_FREE_PORT, first)];
  return getPort({ port: candidates, host: "127.0.0.1", reserve: true });
};

/** Reserves a free port for each port that is not given. */
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
      else if (error.code === "EACCES") reject(new StackError(`Port ${port} requires root privileges.`));
      else reject(error);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });

/** Throws when a port is in use; the message names the owner and the variable that selects another port. */
export const assertPortsFree = async (ports: Partial<Ports>): Promise<void> => {
  const conflicts: string[] = [];
  for (const name of NAMES) {
    const port = ports[name];
    if (port === undefined || (await isFree(port))) continue;
    const owner = await describePortOwner(port);
    conflicts.push(`Port ${port} (${name}) is in use by ${owner}. Set ${toPortVariable(name)} to another port.`);
  }
  if (conflicts.length > 0) throw new StackError(conflicts.join("\n"));
};
