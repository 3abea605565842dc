/**
 * Which KV and which broker a command is for: those of the stack in the state directory, or production's.
 */
import { join } from "node:path";
import { pathsOf, ROOT_DIR } from "../lib/state-dir.ts";
import { readPidFile, STACK_HOME_VARIABLE } from "../supervise/pid-file.ts";
import { isSameGroup } from "../supervise/process-identity.ts";
import { openLocalKv, openWranglerKv, type Kv } from "./kv.ts";
import type { Broker } from "./registry.ts";

export const TARGET_OPTIONS = {
  /** Cloudflare's KV, as wrangler.toml names it. */
  remote: { type: "boolean", default: false },
  /** Path of the broker's password file. */
  passwords: { type: "string" },
} as const;

export interface Place {
  readonly remote: boolean;
  readonly passwords?: string | undefined;
}

/** Mosquitto reads passwords and certificates again on SIGHUP. */
const reloadLocal = async (home: string): Promise<string> => {
  const broker = (await readPidFile(home))?.services["broker"];
  const marker = `${STACK_HOME_VARIABLE}=${home}`;
  if (broker === undefined || !isSameGroup(broker, marker)) return "The broker will know when it is started.";
  process.kill(broker.pid, "SIGHUP");
  return "The broker knows.";
};

export const openKv = (home: string, { remote }: Place): Promise<Kv> =>
  remote ? openWranglerKv(["--remote"]) : openLocalKv(home);

export const findBroker = (home: string, { remote, passwords }: Place): Broker =>
  remote
    ? {
        passwords: passwords ?? join(ROOT_DIR, "broker", "mosquitto", "state", "passwords"),
        reload: async () => "Now let the broker read its passwords: docker compose kill -s HUP mosquitto",
      }
    : { passwords: passwords ?? pathsOf(home).passwords, reload: () => reloadLocal(home) };
