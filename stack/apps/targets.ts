/** Selects the KV namespace and the broker of a command: local stack or production. */
import { join } from "node:path";
import { pathsOf, ROOT_DIR } from "../lib/state-dir.ts";
import { readPidFile, STACK_HOME_VARIABLE } from "../supervise/pid-file.ts";
import { isSameGroup } from "../supervise/process-identity.ts";
import { openLocalKv, openWranglerKv, type Kv } from "./kv.ts";
import type { PasswordTarget } from "./registry.ts";

export const TARGET_OPTIONS = {
  /** Uses the KV namespace on Cloudflare that wrangler.toml names. */
  remote: { type: "boolean", default: false },
  /** Path of the broker's password file. */
  passwords: { type: "string" },
} as const;

export interface Target {
  readonly remote: boolean;
  readonly passwords?: string | undefined;
}

/** Mosquitto reloads passwords and certificates on SIGHUP. */
const reloadLocal = async (home: string): Promise<string> => {
  const broker = (await readPidFile(home))?.services["broker"];
  const marker = `${STACK_HOME_VARIABLE}=${home}`;
  if (broker === undefined || !isSameGroup(broker, marker))
    return "The broker is not running; it loads the change when it starts.";
  process.kill(broker.pid, "SIGHUP");
  return "The broker has reloaded its passwords.";
};

export const openKv = (home: string, { remote }: Target): Promise<Kv> =>
  remote ? openWranglerKv(["--remote"]) : openLocalKv(home);

export const findPasswordTarget = (home: string, { remote, passwords }: Target): PasswordTarget =>
  remote
    ? {
        passwords: passwords ?? join(ROOT_DIR, "broker", "mosquitto", "state", "passwords"),
        reload: async () => "Reload the broker's passwords now: docker compose kill -s HUP mosquitto",
      }
    : { passwords: passwords ?? pathsOf(home).passwords, reload: () => reloadLocal(home) };
