/**
 * What becomes of an app's record. Pure but for randomness: keys are made here, and only their hashes stay.
 */
import { createHash } from "node:crypto";
import { ANY_ORIGIN, hasExpired, type AppKey, type AppRecord } from "#contract/store/app-record.ts";
import { appOfUser, mqttUserOfKey } from "#contract/wire/topics.ts";
import { createSecret } from "../lib/secrets.ts";
import { hashPassword, type Passwords } from "./password-file.ts";

/** What can be chosen for an app. */
export type AppSettings = Pick<AppRecord, "retentionDays" | "origins" | "rate">;

/** A key in clear is shown once and kept nowhere. */
export interface Changed {
  readonly record: AppRecord;
  readonly key: string;
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const keyPrefix = (generation: number): string => (generation === 1 ? "elk_" : `elk${generation}_`);

/** What is kept of a key. */
export const toAppKey = (key: string, generation: number): AppKey => ({
  generation,
  hash: sha256(key),
  brokerHash: hashPassword(key),
});

const createKey = (generation: number): { readonly key: string; readonly kept: AppKey } => {
  const key = createSecret(keyPrefix(generation));
  return { key, kept: toAppKey(key, generation) };
};

export const createRecord = (settings: AppSettings): Changed => {
  const { key, kept } = createKey(1);
  return { key, record: { ...settings, keys: [kept], disabled: false } };
};

/** A new key; those before it stay valid for the grace, and no longer than they were to. */
export const rotate = (record: AppRecord, graceMs: number, nowMs: number): Changed => {
  const { key, kept } = createKey(Math.max(...record.keys.map(({ generation }) => generation)) + 1);
  const end = new Date(nowMs + graceMs).toISOString();
  const old = record.keys
    .map((each) => (each.expiresAt !== undefined && each.expiresAt < end ? each : { ...each, expiresAt: end }))
    .filter((each) => !hasExpired(each, nowMs));
  return { key, record: { ...record, keys: [...old, kept] } };
};

/** The lines of the password file for one app: none while it is disabled, none for keys that have run out. */
const toLines = (app: string, record: AppRecord | undefined, nowMs: number): Passwords => {
  if (record === undefined || record.disabled) return new Map();
  const valid = record.keys.filter((key) => !hasExpired(key, nowMs));
  return new Map(
    valid.map(({ generation, brokerHash }) => [
      mqttUserOfKey(app, generation === 1 ? "" : keyPrefix(generation)),
      brokerHash,
    ]),
  );
};

/** `passwords` with the lines of one app as its record wants them. */
export const withApp = (passwords: Passwords, app: string, record: AppRecord | undefined, nowMs: number): Passwords => {
  const others = [...passwords].filter(([user]) => appOfUser(user) !== app);
  return new Map([...others, ...toLines(app, record, nowMs)]);
};

/** Origins of all apps that are not disabled. */
export const toOrigins = (records: Iterable<AppRecord>): readonly string[] => {
  const origins = new Set([...records].flatMap((record) => (record.disabled ? [] : record.origins)));
  return origins.has(ANY_ORIGIN) ? [ANY_ORIGIN] : [...origins].sort();
};
