/** Selects the KV namespace, the broker and the relay of a command: local stack, Cloudflare, or one host without it. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { RELAY_USERNAME, TAIL_USERNAME } from "#contract/wire/topics.ts";
import { StackError } from "../lib/stack-error.ts";
import { readStackFile } from "../lib/stack-file.ts";
import { pathsOf, ROOT_DIR } from "../lib/state-dir.ts";
import { readPidFile, STACK_HOME_VARIABLE } from "../supervise/pid-file.ts";
import { isSameGroup } from "../supervise/process-identity.ts";
import { confirmSessions } from "./confirm-sessions.ts";
import { openFileKv, openLocalKv, openWranglerKv, type Kv } from "./kv.ts";
import type { BrokerTarget } from "./registry.ts";
import { isUsersFileOf } from "./users-file.ts";
import { readVariable } from "../lib/read-variable.ts";

export const TARGET_OPTIONS = {
  /** Uses the KV namespace on Cloudflare that wrangler.toml names. */
  remote: { type: "boolean", default: false },
  /** Path of the KV file of a server without Cloudflare. Default: `EDGELOG_KV`. */
  kv: { type: "string" },
  /** Path of the broker's password file. Default, except for the local stack: `EDGELOG_PASSWORDS`. */
  passwords: { type: "string" },
  /** URLs of the relays' HTTP ports. */
  relay: { type: "string", multiple: true },
  /** Path of the users file of the relay that gets a new app, if there are several relays. */
  "relay-users": { type: "string" },
  /** Does not wait for the relay. */
  "no-relay": { type: "boolean", default: false },
} as const;

/** A KV namespace: on Cloudflare, in a file, or that of the local stack. */
export interface KvTarget {
  readonly remote: boolean;
  readonly kv?: string | undefined;
}

export interface Target extends KvTarget {
  readonly passwords?: string | undefined;
  readonly relay?: readonly string[] | undefined;
  readonly "relay-users"?: string | undefined;
  readonly "no-relay"?: boolean | undefined;
}

/** Not `docker compose kill`: after that, Docker treats the container as stopped by hand, and does not start it again after a reboot. */
const REMOTE_RELOAD =
  "Save the broker's sessions and reload its passwords now:\n" +
  "  docker compose exec -T mosquitto kill -USR1 1 && docker compose exec -T mosquitto kill -HUP 1\n" +
  "or, as a service of systemd:\n" +
  "  systemctl kill -s USR1 edgelog-broker && systemctl reload edgelog-broker";

/** `printf` is a part of the shell: a process list does not show its arguments, unlike those of `mosquitto_passwd -b`. */
const toAddUser = (passwords: string, user: string, password: string): string =>
  `printf '%s\\n' "${password}" "${password}" | mosquitto_passwd '${passwords}' ${user}`;

const toMissingUsers = (passwords: string): string =>
  `The password file ${passwords} has no user of the relay and the Worker. Add them before the broker reads the file:\n` +
  `  ${toAddUser(passwords, RELAY_USERNAME, "$RELAY_PASSWORD")}\n` +
  `  ${toAddUser(passwords, TAIL_USERNAME, "$TAIL_PASSWORD")}\n` +
  `Then start the broker, or if it runs:\n${REMOTE_RELOAD}`;

const LOCAL_MISSING_USERS = "Restart the stack: it adds the users of the relay and the Worker to the password file.";

/** Path of the users file of the relay, below the directory of the password file. The relay may read this folder only. */
export const usersFileOf = (passwords: string): string => join(dirname(passwords), "relay", "users");

/** Mosquitto saves its sessions on SIGUSR1, and reloads passwords and certificates on SIGHUP. */
const reloadLocal = async (home: string): Promise<string> => {
  const broker = (await readPidFile(home))?.services["broker"];
  const marker = `${STACK_HOME_VARIABLE}=${home}`;
  if (broker === undefined || !isSameGroup(broker, marker))
    return "The broker is not running; it loads the change when it starts.";
  // Saves the new session, so that a broker that crashes still has it.
  process.kill(broker.pid, "SIGUSR1");
  process.kill(broker.pid, "SIGHUP");
  return "The broker has reloaded its passwords.";
};

/** The KV file; `undefined` for the local stack and with `--remote`. */
const findKvFile = ({ remote, kv }: KvTarget): string | undefined => {
  if (remote && kv !== undefined) throw new StackError("Use either --remote or --kv.");
  return remote ? undefined : (kv ?? readVariable("EDGELOG_KV"));
};

/** Whether the target is not the local stack. */
export const isProduction = (target: KvTarget): boolean => target.remote || findKvFile(target) !== undefined;

/** URLs of the relays. Empty if the command must not wait for them. */
const findRelays = async (home: string, target: Target): Promise<readonly string[]> => {
  if (target["no-relay"] === true) return [];
  const variable = readVariable("RELAY_URL");
  const relays = target.relay ?? (variable === undefined ? [] : [variable]);
  if (relays.length > 0) return relays;
  if (!isProduction(target)) {
    const file = await readStackFile(home);
    return file === undefined ? [] : [file.relayHealth];
  }
  throw new StackError(
    "Pass the URL of the relay's HTTP port with --relay URL or RELAY_URL: the broker drops messages of an app without a " +
      "session at the relay. If the relay has no users file, and so one session for all apps, pass --no-relay.",
  );
};

/** Throws if the file does not exist: a wrong path must not create an empty namespace. */
export const openKv = async (home: string, target: KvTarget): Promise<Kv> => {
  const file = findKvFile(target);
  if (file !== undefined) {
    if (!existsSync(file)) {
      throw new StackError(
        `There is no KV file ${file}. The server creates it when it starts. If the file was lost while the server runs, restart the ` +
          "server, and run `npm run app -- import FILE` with the last backup.",
      );
    }
    return openFileKv(file);
  }
  return target.remote ? openWranglerKv(["--remote"]) : openLocalKv(home);
};

const findUsersFile = (passwords: string, { "relay-users": chosen }: Target): string => {
  const users = usersFileOf(passwords);
  if (chosen === undefined || isUsersFileOf(chosen, users)) return chosen ?? users;
  throw new StackError(
    `--relay-users ${chosen}: the users files of all relays are in ${dirname(users)} and are named users, users-2 and so on. ` +
      "Copy the file to the relay if it runs on another machine.",
  );
};

const findPasswords = (home: string, target: Target): string => {
  if (target.passwords !== undefined) return target.passwords;
  if (!isProduction(target)) return pathsOf(home).passwords;
  return readVariable("EDGELOG_PASSWORDS") ?? join(ROOT_DIR, "broker", "mosquitto", "state", "passwords");
};

export const findBrokerTarget = (home: string, target: Target): BrokerTarget => {
  const passwords = findPasswords(home, target);
  return {
    passwords,
    users: findUsersFile(passwords, target),
    async confirmSessions(users) {
      const relays = await findRelays(home, target);
      if (relays.length > 0) await confirmSessions(relays, users);
    },
    reload: isProduction(target) ? async () => REMOTE_RELOAD : () => reloadLocal(home),
    missingUsers: isProduction(target) ? toMissingUsers(passwords) : LOCAL_MISSING_USERS,
  };
};
