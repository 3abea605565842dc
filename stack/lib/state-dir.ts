/**
 * The state directory of a stack: one directory for all files that a stack creates, by default `.edgelog` in the clone.
 * Files with secrets have mode 0600.
 */
import { mkdir } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { readVariable } from "./read-variable.ts";

/** Root directory of the clone. */
export const ROOT_DIR = fileURLToPath(new URL("../../", import.meta.url));

/** The state directory of `npm start`; `EDGELOG_HOME` chooses another. */
export const defaultHome = (): string => resolve(readVariable("EDGELOG_HOME") ?? join(ROOT_DIR, ".edgelog"));

/** Paths inside a state directory. */
export const pathsOf = (home: string) => {
  const mosquitto = join(home, "mosquitto");
  return {
    stackFile: join(home, "stack.json"),
    pidFile: join(home, "processes.json"),
    secrets: join(home, "secrets.json"),
    logs: join(home, "logs"),
    supervisorLog: join(home, "logs", "supervisor.log"),
    installLog: join(home, "logs", "install.log"),
    opensearch: join(home, "opensearch"),
    /** `path.repo` of OpenSearch. */
    snapshots: join(home, "opensearch-snapshots"),
    mosquitto,
    /** Users of the broker, as hashes. */
    passwords: join(mosquitto, "passwords"),
    /** The relay's users file; see apps/users-file.ts. */
    users: join(mosquitto, "relay", "users"),
    certs: join(mosquitto, "certs"),
    ca: join(mosquitto, "certs", "ca.crt"),
    relay: join(home, "relay.mjs"),
    relayHandover: join(home, "relay-handover.json"),
    relayState: join(home, "relay-state.json"),
    worker: join(home, "worker"),
    /** Apps and reader tokens when the Worker runs in Node.js. */
    kvFile: join(home, "worker", "kv.sqlite"),
    server: join(home, "server.mjs"),
    /** Variables and secrets of the Worker in workerd. */
    workerVariables: join(home, "worker", "variables.json"),
    workerBundle: join(home, "worker", "index.js"),
    workerTemp: join(home, "worker", "tmp"),
  } as const;
};

/** Creates the state directory and its log directory. */
export const prepareHome = async (home: string): Promise<void> => {
  await mkdir(home, { recursive: true, mode: 0o700 });
  await mkdir(pathsOf(home).logs, { recursive: true });
};

/** Entries of earlier versions. */
const FORMER_ENTRIES = ["worker.env"];

/** Names of the entries that a stack creates in its state directory. */
export const STACK_ENTRIES: ReadonlySet<string> = new Set([
  ...Object.values(pathsOf("/home")).map((path) => relative("/home", path).split(sep)[0] ?? ""),
  ...FORMER_ENTRIES,
]);
