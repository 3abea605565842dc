/**
 * The secrets of one stack: created once, stored in `secrets.json` (mode 0600), never passed as an argument or logged.
 */
import { randomBytes } from "node:crypto";
import { readIfExists } from "./read-if-exists.ts";
import { StackError } from "./stack-error.ts";
import { prepareHome, pathsOf } from "./state-dir.ts";
import { writePrivate } from "./write-private.ts";

const SECRET_BYTES = 32;

/** Id of the demo app, whose key the demo page uses. */
export const DEMO_APP = "demo";

/** Each secret, and the prefix that its values start with. */
const SECRET_PREFIXES = {
  /** Broker password of the relay. */
  relayPassword: "",
  /** Broker password of the Worker, for live tails. */
  tailPassword: "",
  /** Bearer token that the relay sends to the Worker. */
  relayToken: "elt_",
  /** A secret too: a client that connects with this id takes over the relay's session and its queued messages. */
  relayClientId: "relay-",
  /** Publishable key of the demo app, and its MQTT password. */
  appKey: "elk_",
  readerToken: "elr_",
} as const;

export type Secrets = Readonly<Record<keyof typeof SECRET_PREFIXES, string>>;

export const createSecret = (prefix = ""): string => prefix + randomBytes(SECRET_BYTES).toString("base64url");

const createSecrets = (): Secrets =>
  Object.fromEntries(
    Object.entries(SECRET_PREFIXES).map(([name, prefix]) => [name, createSecret(prefix)]),
  ) as unknown as Secrets;

/** Replaces the secrets of this state directory. */
export const writeSecrets = async (home: string, secrets: Secrets): Promise<void> => {
  await prepareHome(home);
  await writePrivate(pathsOf(home).secrets, `${JSON.stringify(secrets, null, 2)}\n`);
};

const readSecrets = async (path: string): Promise<Partial<Secrets>> => {
  const text = (await readIfExists(path)) ?? "{}";
  try {
    return JSON.parse(text) as Partial<Secrets>;
  } catch {
    throw new StackError(`${path} is not JSON. Restore it; without it the relay's queued messages are lost.`);
  }
};

/**
 * Reads the secrets of this state directory and creates the missing ones. Throws if they cannot be read: with new secrets the relay
 * would lose its session with the queued messages.
 */
export const ensureSecrets = async (home: string): Promise<Secrets> => {
  const known = await readSecrets(pathsOf(home).secrets);
  const secrets: Secrets = { ...createSecrets(), ...known };
  if (Object.keys(secrets).length > Object.keys(known).length) await writeSecrets(home, secrets);
  return secrets;
};
