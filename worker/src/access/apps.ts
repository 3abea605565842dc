/**
 * Who may write and who may read, from the KV namespace APPS; shapes in contract/store/app-record.ts.
 */
import type * as z from "zod";
import {
  appEntry,
  appRecordSchema,
  hasExpired,
  ORIGINS_ENTRY,
  originsRecordSchema,
  readerEntry,
  readerRecordSchema,
  type AppRecord,
  type ReaderRecord,
} from "#contract/store/app-record.ts";
import { APP_ID_PATTERN } from "#contract/wire/topics.ts";
import { logTrouble } from "../logger.ts";

export type { AppRecord, ReaderRecord };

/** The KV namespace, as narrow as it is used. */
export interface AppStore {
  get(key: string, options: { type: "json"; cacheTtl: number }): Promise<unknown>;
}

/** KV's own cache at the edge: a rotated key works everywhere after this time. 60 is also the least KV accepts. */
const CACHE_TTL_SECONDS = 60;

/** SHA-256 in lower-case hex. */
export const hashSecret = async (secret: string): Promise<string> => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** An entry that can't be read counts as none: its app is refused, and the others, who may share a request, are not. */
const read = async <T>(store: AppStore, entry: string, schema: z.ZodType<T>): Promise<T | undefined> => {
  const value = await store.get(entry, { type: "json", cacheTtl: CACHE_TTL_SECONDS });
  if (value === null) return undefined;
  const record = schema.safeParse(value);
  if (record.success) return record.data;
  logTrouble("an entry of APPS is malformed; `npm run app -- list` names it", { entry: entry.slice(0, 80) });
  return undefined;
};

/** The app's record; `undefined` when there is no such app. */
export const findApp = async (store: AppStore, app: string): Promise<AppRecord | undefined> =>
  APP_ID_PATTERN.test(app) ? await read(store, appEntry(app), appRecordSchema) : undefined;

/** What the holder of this token may read; `undefined` when there is no such token, or no longer. */
export const findReader = async (store: AppStore, token: string): Promise<ReaderRecord | undefined> => {
  const reader = await read(store, readerEntry(await hashSecret(token)), readerRecordSchema);
  return reader === undefined || hasExpired(reader, Date.now()) ? undefined : reader;
};

/** Origins of the pages of all apps. */
export const findOrigins = async (store: AppStore): Promise<readonly string[]> =>
  (await read(store, ORIGINS_ENTRY, originsRecordSchema)) ?? [];
