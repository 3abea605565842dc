/**
 * Where a stack keeps what it makes: one directory, by default `.edgelog` in the clone, so that forgetting everything
 * is removing one directory. Secrets lie in files of mode 0600.
 */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The clone's root. */
export const ROOT_DIR = fileURLToPath(new URL("../../", import.meta.url));

/** The state directory of `npm start`; `EDGELOG_HOME` chooses another. */
export const defaultHome = (): string => resolve(process.env["EDGELOG_HOME"] ?? join(ROOT_DIR, ".edgelog"));

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
    mosquitto,
    /** Users of the broker, as hashes. */
    passwords: join(mosquitto, "passwords"),
    certs: join(mosquitto, "certs"),
    ca: join(mosquitto, "certs", "ca.crt"),
    relay: join(home, "relay.mjs"),
    relayHandover: join(home, "relay-handover.json"),
    worker: join(home, "worker"),
    workerEnv: join(home, "worker.env"),
  } as const;
};

/** Makes the directory and what is common to all services. */
export const prepareHome = async (home: string): Promise<void> => {
  await mkdir(home, { recursive: true, mode: 0o700 });
  await mkdir(pathsOf(home).logs, { recursive: true });
};

/** Everything that a stack makes in its state directory. */
export const STACK_ENTRIES: readonly string[] = [
  "stack.json",
  "processes.json",
  "secrets.json",
  "logs",
  "opensearch",
  "mosquitto",
  "relay.mjs",
  "relay-handover.json",
  "worker",
  "worker.env",
];
