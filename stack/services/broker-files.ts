/**
 * Writes the broker's directory: the production configuration with local ports on loopback, the ACL, certificates,
 * passwords, and the optional configuration for legacy clients.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { APP_ID_PATTERN, appOfUser } from "#contract/wire/topics.ts";
import { addStackUsers } from "../apps/demo.ts";
import { readPasswords, writePasswords } from "../apps/password-file.ts";
import { addUsers } from "../apps/users-file.ts";
import { withFileLock } from "../lib/file-lock.ts";
import { StackError } from "../lib/stack-error.ts";
import type { Secrets } from "../lib/secrets.ts";
import { pathsOf, ROOT_DIR } from "../lib/state-dir.ts";
import { LISTENER_NAMES, LISTENERS, type ListenerPorts } from "./listeners.ts";

const SOURCE_DIR = join(ROOT_DIR, "broker", "mosquitto");

/**
 * The production configuration with local ports, on loopback only. Throws when the file has a listener without a row in
 * LISTENERS, or a row has no listener.
 */
export const toLocalConfig = (source: string, ports: ListenerPorts): string => {
  const missing = new Set(LISTENER_NAMES);
  const replaced = source.replaceAll(/^listener (\d+).*$/gm, (line, port: string) => {
    const name = LISTENER_NAMES.find((each) => LISTENERS[each].defaultPort === Number(port));
    if (name === undefined) throw new Error(`stack/services/listeners.ts has no row for mosquitto.conf: ${line}`);
    missing.delete(name);
    return `listener ${ports[name]} 127.0.0.1`;
  });
  if (missing.size > 0) throw new Error(`mosquitto.conf has no listener for ${[...missing].join(", ")}`);
  // Started as root, Mosquitto would switch to the user mosquitto, which cannot read this directory.
  return process.getuid?.() === 0 ? `user root\n${replaced}` : replaced;
};

export interface BrokerFilesOptions {
  readonly home: string;
  readonly ports: ListenerPorts;
  readonly legacy: boolean;
  readonly secrets: Secrets;
}

/** Returns the path of the program that starts the broker in its directory. */
export const writeBrokerFiles = async ({ home, ports, legacy, secrets }: BrokerFilesOptions): Promise<string> => {
  const { mosquitto, passwords, users, certs } = pathsOf(home);
  await Promise.all(["data", "conf.d"].map((dir) => mkdir(join(mosquitto, dir), { recursive: true, mode: 0o700 })));
  const source = await readFile(join(SOURCE_DIR, "mosquitto.conf"), "utf8");
  await writeFile(join(mosquitto, "mosquitto.conf"), toLocalConfig(source, ports));
  await copyFile(join(SOURCE_DIR, "acl"), join(mosquitto, "acl"));
  const legacyConfig = join(mosquitto, "conf.d", "legacy.conf");
  if (legacy) await copyFile(join(SOURCE_DIR, "legacy.conf.example"), legacyConfig);
  else await rm(legacyConfig, { force: true });
  await withFileLock(passwords, async () => {
    const after = await addStackUsers(await readPasswords(passwords), home, secrets);
    // The relay opens a session for each app before stack.json publishes the broker's address.
    await addUsers(
      users,
      [...after.keys()].filter((user) => APP_ID_PATTERN.test(appOfUser(user))),
    );
    await writePasswords(passwords, after);
  });
  const made = await execa(join(SOURCE_DIR, "make-credentials.sh"), ["--dir", certs], { reject: false, all: true });
  if (made.failed) throw new StackError(`Could not create the broker's certificates: ${made.all}`);
  return join(SOURCE_DIR, "start.sh");
};
