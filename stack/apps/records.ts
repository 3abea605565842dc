/** Creates and changes app records. Pure except for random keys; records contain only the hashes of keys. */
import { createHash } from "node:crypto";
import { ANY_ORIGIN, hasExpired, type AppKey, type AppRecord } from "#contract/store/app-record.ts";
import { appOfUser, mqttUserOfGeneration } from "#contract/wire/topics.ts";
import { createSecret } from "../lib/secrets.ts";
import { hashPassword, type Passwords } from "./password-file.ts";

/** The settings of an app. */
export type AppSettings = Omit<AppRecord, "keys" | "disabled">;

/** A changed record and its new key, which is shown once and not stored. */
export interface KeyChange {
  readonly record: AppRecord;
  readonly key: string;
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const keyPrefix = (generation: number): string => (generation === 1 ? "elk_" : `elk${generation}_`);

/** The stored form of a key: hashes only. */
export const toAppKey = (key: string, generation: number): AppKey => ({
  generation,
  hash: sha256(key),
  brokerHash: hashPassword(key),
});

const createKey = (generation: number): { readonly key: string; readonly appKey: AppKey } => {
  const key = createSecret(keyPrefix(generation));
  return { key, appKey: toAppKey(key, generation) };
};

export const createRecord = (settings: AppSettings): KeyChange => {
  const { key, appKey } = createKey(1);
  return { key, record: { ...settings, keys: [appKey], disabled: false } };
};

/** Adds a new key. Older keys expire after the grace period, or earlier if they already expire earlier. */
export const rotate = (record: AppRecord, graceMs: number, nowMs: number): KeyChange => {
  const { key, appKey } = createKey(Math.max(...record.keys.map(({ generation }) => generation)) + 1);
  const end = new Date(nowMs + graceMs).toISOString();
  const old = record.keys
    .map((each) => (each.expiresAt !== undefined && each.expiresAt < end ? each : { ...each, expiresAt: end }))
    .filter((each) => !hasExpired(each, nowMs));
  return { key, record: { ...record, keys: [...old, appKey] } };
};

/** The broker users of one app: one for each valid key, none if the app is disabled. */
const toPasswords = (app: string, record: AppRecord | undefined, nowMs: number): Passwords => {
  if (record === undefined || record.disabled) return new Map();
  const valid = record.keys.filter((key) => !hasExpired(key, nowMs));
  return new Map(valid.map(({ generation, brokerHash }) => [mqttUserOfGeneration(app, generation), brokerHash]));
};

/** Replaces the broker users of one app with those of its record. */
export const withApp = (passwords: Passwords, app: string, record: AppRecord | undefined, nowMs: number): Passwords => {
  const others = [...passwords].filter(([user]) => appOfUser(user) !== app);
  return new Map([...others, ...toPasswords(app, record, nowMs)]);
};

/** Allowed origins of all enabled apps. */
export const toOrigins = (records: Iterable<AppRecord>): readonly string[] => {
  const origins = new Set([...records].flatMap((record) => (record.disabled ? [] : record.origins)));
  return origins.has(ANY_ORIGIN) ? [ANY_ORIGIN] : [...origins].sort();
};
