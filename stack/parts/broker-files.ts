/**
 * Writes the broker's directory: the production configuration with other ports and loopback addresses, the ACL as it is,
 * certificates, passwords, and the switch for existing apps.
 */
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { RELAY_USERNAME } from "../../contract/topics.ts";
import { StackError } from "../errors.ts";
import { DEMO_APP, type Secrets } from "../secrets.ts";
import { pathsOf, ROOT_DIR } from "../state-dir.ts";
import type { Ports } from "../ports.ts";
import { writePrivate } from "../write-private.ts";

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

const writePasswords = async (passwd: string, path: string, secrets: Secrets): Promise<void> => {
  const stamp = `${path}.source`;
  const lines = `${RELAY_USERNAME}:${secrets.relayPassword}\n${DEMO_APP}:${secrets.appKey}\n`;
  const hash = createHash("sha256").update(lines).digest("hex");
  const isCurrent = (await readFile(stamp, "utf8").catch(() => "")) === hash;
  if (isCurrent && (await readFile(path, "utf8").catch(() => "")) !== "") return;
  await writePrivate(path, lines);
  // Hashes the file in place: nothing secret in its arguments.
  const { failed, stderr } = await execa(passwd, ["-U", path], { reject: false });
  if (failed) throw new StackError(`mosquitto_passwd failed: ${stderr}`);
  await writePrivate(stamp, hash);
};

export interface BrokerFilesOptions {
  readonly home: string;
  readonly ports: BrokerPorts;
  readonly legacy: boolean;
  readonly secrets: Secrets;
  readonly passwd: string;
}

/** Returns the path of the configuration. */
export const writeBrokerFiles = async ({
  home,
  ports,
  legacy,
  secrets,
  passwd,
}: BrokerFilesOptions): Promise<string> => {
  const { mosquitto, certs } = pathsOf(home);
  await Promise.all(["data", "conf.d"].map((dir) => mkdir(join(mosquitto, dir), { recursive: true, mode: 0o700 })));
  const source = await readFile(join(SOURCE_DIR, "mosquitto.conf"), "utf8");
  const config = join(mosquitto, "mosquitto.conf");
  await writeFile(config, toLocalConfig(source, ports));
  await copyFile(join(SOURCE_DIR, "acl"), join(mosquitto, "acl"));
  const legacyConfig = join(mosquitto, "conf.d", "legacy.conf");
  if (legacy) await copyFile(join(SOURCE_DIR, "legacy.conf.example"), legacyConfig);
  else await rm(legacyConfig, { force: true });
  await writePasswords(passwd, join(mosquitto, "passwords"), secrets);
  const made = await execa(join(SOURCE_DIR, "make-credentials.sh"), ["--dir", certs], { reject: false, all: true });
  if (made.failed) throw new StackError(`The broker's certificates could not be made: ${made.all}`);
  return config;
};
