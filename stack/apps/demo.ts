/**
 * The local stack's own app and reader token, whose secrets it keeps: put into KV and to the broker at the first start.
 * From then on they are apps and tokens like others, and what `npm run app` did to them stays done.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
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
import { StackError } from "../lib/stack-error.ts";
import { quietWranglerEnv } from "../services/wrangler-env.ts";
import { DEMO_APP, ensureSecrets, writeSecrets, type Secrets } from "../lib/secrets.ts";
import { pathsOf, ROOT_DIR } from "../lib/state-dir.ts";
import type { Kv } from "./kv.ts";
import { hashPassword, isPassword, type Passwords } from "./password-file.ts";
import { sha256, toAppKey, toOrigins } from "./records.ts";

const DEMO_RETENTION_DAYS = 30;

/** For development: any page may log as the demo app, as often as it likes. */
const toDemoRecord = (key: string): AppRecord => ({
  keys: [toAppKey(key, 1)],
  retentionDays: DEMO_RETENTION_DAYS,
  origins: [ANY_ORIGIN],
  rate: "unlimited",
  disabled: false,
});

const stampPath = (home: string): string => join(pathsOf(home).worker, "demo.hash");

const toStamp = ({ appKey, readerToken }: Secrets): string => sha256(`${appKey} ${readerToken}`);

/** Whether these secrets were put in place by an earlier start. */
export const isDemoSeeded = async (home: string, secrets: Secrets): Promise<boolean> =>
  (await readFile(stampPath(home), "utf8").catch(() => "")) === toStamp(secrets);

/** Puts the demo app and the reader token where they are missing. */
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

/** Does {@link putDemo} in a process of its own, before the Worker starts, and only once. */
export const seedDemo = async (home: string, secrets: Secrets): Promise<void> => {
  if (await isDemoSeeded(home, secrets)) return;
  await mkdir(pathsOf(home).worker, { recursive: true, mode: 0o700 });
  const { failed, all } = await execa(process.execPath, [join(ROOT_DIR, "stack", "apps", "put-demo.ts"), home], {
    reject: false,
    all: true,
    env: quietWranglerEnv(home),
  });
  if (failed) throw new StackError(`The demo app could not be put into the Worker's KV:\n${all}`);
  await writeFile(stampPath(home), toStamp(secrets));
};

/** The password file's lines of the stack itself: those of relay and Worker, and at the first start the demo app's. */
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

/** The demo page gets the app's key from the secrets: a new key goes there too. Whether it was the demo app's. */
export const saveDemoKey = async (home: string, app: string, key: string): Promise<boolean> => {
  if (app !== DEMO_APP) return false;
  await writeSecrets(home, { ...(await ensureSecrets(home)), appKey: key });
  return true;
};
