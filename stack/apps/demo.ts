/**
 * The demo app and reader token of the local stack. The first start writes them to KV and the broker. Later starts do not
 * overwrite changes made with `npm run app`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ANY_ORIGIN,
  APP_ENTRY_PREFIX,
  appEntry,
  appRecordSchema,
  ORIGINS_ENTRY,
  readerEntry,
  type AppRecord,
  type ReaderRecord,
} from "#contract/store/app-record.ts";
import { mqttUserOfKey, RELAY_USERNAME, TAIL_USERNAME } from "#contract/wire/topics.ts";
import { readRuntime } from "../services/runtime.ts";
import { DEMO_APP, ensureSecrets, writeSecrets, type Secrets } from "../lib/secrets.ts";
import { pathsOf } from "../lib/state-dir.ts";
import { openLocalKv, type Kv } from "./kv.ts";
import { hashPassword, isPassword, type Passwords } from "./password-file.ts";
import { sha256, toAppKey, toOrigins } from "./records.ts";

const DEMO_RETENTION_DAYS = 30;

/** For development: any origin, no rate limit. */
const toDemoRecord = (key: string): AppRecord => ({
  keys: [toAppKey(key, 1)],
  retentionDays: DEMO_RETENTION_DAYS,
  origins: [ANY_ORIGIN],
  rate: "unlimited",
  disabled: false,
});

/** Each runtime of the Worker has its own KV. */
const seedHashPath = (home: string): string =>
  join(pathsOf(home).worker, readRuntime() === "node" ? "demo-node.hash" : "demo.hash");

const toSeedHash = ({ appKey, readerToken }: Secrets): string => sha256(`${appKey} ${readerToken}`);

/** Whether an earlier start has written these secrets. */
export const isDemoSeeded = async (home: string, secrets: Secrets): Promise<boolean> =>
  (await readFile(seedHashPath(home), "utf8").catch(() => "")) === toSeedHash(secrets);

/** Writes the demo app and the reader token to KV if they are missing. */
export const putDemo = async (kv: Kv, { appKey, readerToken }: Secrets): Promise<void> => {
  const apps = new Map<string, AppRecord>();
  for (const [name, value] of await kv.list(APP_ENTRY_PREFIX)) {
    const record = appRecordSchema.safeParse(value);
    if (record.success) apps.set(name, record.data);
  }
  const known = apps.get(appEntry(DEMO_APP));
  const isKnown = known?.keys.some(({ hash }) => hash === sha256(appKey)) === true;
  const record = isKnown ? known : toDemoRecord(appKey);
  await kv.put({
    [appEntry(DEMO_APP)]: record,
    [ORIGINS_ENTRY]: toOrigins(apps.set(appEntry(DEMO_APP), record).values()),
    [readerEntry(sha256(readerToken))]: { apps: [DEMO_APP], canAlert: true } satisfies ReaderRecord,
  });
};

const markSeeded = (home: string, secrets: Secrets): Promise<void> =>
  writeFile(seedHashPath(home), toSeedHash(secrets));

/** Writes `entries` and what {@link seedDemo} writes, for a caller that has opened the KV already. */
export const seedWith = async (home: string, kv: Kv, entries: Readonly<Record<string, unknown>>): Promise<void> => {
  const secrets = await ensureSecrets(home);
  await kv.put(entries);
  await putDemo(kv, secrets);
  await markSeeded(home, secrets);
};

/** Runs {@link putDemo}, once for each set of secrets. The Worker must not run yet: it would reject events of the demo app. */
export const seedDemo = async (home: string, secrets: Secrets): Promise<void> => {
  if (await isDemoSeeded(home, secrets)) return;
  await using kv = await openLocalKv(home);
  await putDemo(kv, secrets);
  await markSeeded(home, secrets);
};

/** Adds the broker users of relay and Worker and, on the first start, of the demo app. */
export const addStackUsers = async (
  before: Passwords | undefined,
  home: string,
  secrets: Secrets,
): Promise<Passwords> => {
  const after = new Map(before);
  const put = (user: string, password: string): void => {
    if (!isPassword(after.get(user), password)) after.set(user, hashPassword(password));
  };
  put(RELAY_USERNAME, secrets.relayPassword);
  put(TAIL_USERNAME, secrets.tailPassword);
  if (before === undefined || !(await isDemoSeeded(home, secrets)))
    put(mqttUserOfKey(DEMO_APP, secrets.appKey), secrets.appKey);
  return after;
};

/** Saves a new key of the demo app for the demo page. Returns whether `app` is the demo app. */
export const saveDemoKey = async (home: string, app: string, key: string): Promise<boolean> => {
  if (app !== DEMO_APP) return false;
  await writeSecrets(home, { ...(await ensureSecrets(home)), appKey: key });
  return true;
};
