/**
 * The secrets of one stack: made once, kept in `secrets.json` (0600), never in an argument or a log.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { prepareHome, pathsOf } from "./state-dir.ts";
import { writePrivate } from "./write-private.ts";

const SECRET_BYTES = 32;

/** The demo app, whose key the demo page uses. */
export const DEMO_APP = "demo";

export interface Secrets {
  readonly relayPassword: string;
  /** The Worker's at the broker, for live tails. */
  readonly tailPassword: string;
  /** What the relay shows to the Worker. */
  readonly relayToken: string;
  /** Secret as well: who connects with another's client id takes its session over, and with it what waits there. */
  readonly relayClientId: string;
  /** Publishable key of the demo app; its MQTT password too. */
  readonly appKey: string;
  readonly readerToken: string;
}

export const createSecret = (prefix = ""): string => prefix + randomBytes(SECRET_BYTES).toString("base64url");

const createSecrets = (): Secrets => ({
  relayPassword: createSecret(),
  tailPassword: createSecret(),
  relayToken: createSecret("elt_"),
  relayClientId: createSecret("relay-"),
  appKey: createSecret("elk_"),
  readerToken: createSecret("elr_"),
});

/** Writes the secrets of this state directory. */
export const writeSecrets = async (home: string, secrets: Secrets): Promise<void> => {
  await prepareHome(home);
  await writePrivate(pathsOf(home).secrets, `${JSON.stringify(secrets, null, 2)}\n`);
};

/** Reads the secrets of this state directory, and makes those that are missing. */
export const ensureSecrets = async (home: string): Promise<Secrets> => {
  const text = await readFile(pathsOf(home).secrets, "utf8").catch(() => "{}");
  const known = JSON.parse(text) as Partial<Secrets>;
  const secrets: Secrets = { ...createSecrets(), ...known };
  if (Object.keys(secrets).length > Object.keys(known).length) await writeSecrets(home, secrets);
  return secrets;
};
