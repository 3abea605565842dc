/**
 * Writes the broker's directory: the production configuration with other ports and loopback addresses, the ACL as it is,
 * certificates, passwords, and the switch for existing apps.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { addStackUsers } from "../apps/demo.ts";
import { readPasswords, writePasswords } from "../apps/password-file.ts";
import { StackError } from "../lib/stack-error.ts";
import type { Secrets } from "../lib/secrets.ts";
import { pathsOf, ROOT_DIR } from "../lib/state-dir.ts";
import type { Ports } from "../lib/ports.ts";

const SOURCE_DIR = join(ROOT_DIR, "broker", "mosquitto");

export type BrokerPorts = Pick<Ports, "mqtt" | "mqtts" | "wss" | "ws">;

/** The ports of the production file, by what they are for. */
const SOURCE_PORTS: Readonly<Record<number, keyof BrokerPorts>> = {
  1883: "mqtt",
  8883: "mqtts",
  8084: "wss",
  9001: "ws",
};

/** The production configuration with our ports, on loopback only. */
export const toLocalConfig = (source: string, ports: BrokerPorts): string => {
  const replaced = source.replaceAll(/^listener (\d+).*$/gm, (line, port: string) => {
    const name = SOURCE_PORTS[Number(port)];
    if (name === undefined) throw new Error(`Unknown listener in mosquitto.conf: ${line}`);
    return `listener ${ports[name]} 127.0.0.1`;
  });
  // As root it would become the user mosquitto, who may not read this directory.
  return process.getuid?.() === 0 ? `user root\n${replaced}` : replaced;
};

export interface BrokerFilesOptions {
  readonly home: string;
  readonly ports: BrokerPorts;
  readonly legacy: boolean;
  readonly secrets: Secrets;
}

/** Returns the path of the configuration. */
export const writeBrokerFiles = async ({ home, ports, legacy, secrets }: BrokerFilesOptions): Promise<string> => {
  const { mosquitto, passwords, certs } = pathsOf(home);
  await Promise.all(["data", "conf.d"].map((dir) => mkdir(join(mosquitto, dir), { recursive: true, mode: 0o700 })));
  const source = await readFile(join(SOURCE_DIR, "mosquitto.conf"), "utf8");
  const config = join(mosquitto, "mosquitto.conf");
  await writeFile(config, toLocalConfig(source, ports));
  await copyFile(join(SOURCE_DIR, "acl"), join(mosquitto, "acl"));
  const legacyConfig = join(mosquitto, "conf.d", "legacy.conf");
  if (legacy) await copyFile(join(SOURCE_DIR, "legacy.conf.example"), legacyConfig);
  else await rm(legacyConfig, { force: true });
  const before = await readPasswords(passwords);
  await writePasswords(passwords, await addStackUsers(before, home, secrets));
  const made = await execa(join(SOURCE_DIR, "make-credentials.sh"), ["--dir", certs], { reject: false, all: true });
  if (made.failed) throw new StackError(`The broker's certificates could not be made: ${made.all}`);
  return config;
};
