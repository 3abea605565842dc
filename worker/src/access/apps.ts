/**
 * Records of apps and reader tokens in the KV namespace APPS. Their shapes are in contract/store/app-record.ts.
 */
import * as z from "zod";
import {
  appEntry,
  appRecordSchema,
  hasExpired,
  ORIGINS_ENTRY,
  originsRecordSchema,
  readerEntry,
  readerRecordSchema,
  removedAppSchema,
  type AppRecord,
  type ReaderRecord,
} from "#contract/store/app-record.ts";
import { APP_ID_PATTERN } from "#contract/wire/topics.ts";
import { logWarning } from "../logger.ts";

export type { AppRecord, ReaderRecord };

/** The part of a KV namespace that is used here. */
export interface AppStore {
  get(key: string, options: { type: "json"; cacheTtl: number }): Promise<unknown>;
}

/** How long a location of Cloudflare caches an entry. KV's minimum. app-store.ts adds a cache in the isolate. */
const CACHE_TTL_SECONDS = 30;

const MAX_SHOWN_ENTRY_LENGTH = 80;

/** SHA-256 in lower-case hex. */
export const hashSecret = async (secret: string): Promise<string> => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** `undefined` for an entry that is not JSON, for instance one that was written by hand; `null` if there is no entry. */
export const readValue = async (store: AppStore, entry: string): Promise<unknown> => {
  try {
    return await store.get(entry, { type: "json", cacheTtl: CACHE_TTL_SECONDS });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** A malformed entry counts as missing, so that one bad record cannot fail a relay request with messages of other apps. */
const readEntry = async <T>(store: AppStore, entry: string, schema: z.ZodType<T>): Promise<T | undefined> => {
  const value = await readValue(store, entry);
  if (value === null) return undefined;
  const record = schema.safeParse(value);
  if (record.success) return record.data;
  logWarning("malformed entry in APPS; run `npm run app -- list`", { entry: entry.slice(0, MAX_SHOWN_ENTRY_LENGTH) });
  return undefined;
};

const appOrRemovedSchema = z.union([appRecordSchema, removedAppSchema]);

/** The record of an app; `undefined` if there is no such app, or if it was removed. */
export const findApp = async (store: AppStore, app: string): Promise<AppRecord | undefined> => {
  if (!APP_ID_PATTERN.test(app)) return undefined;
  const record = await readEntry(store, appEntry(app), appOrRemovedSchema);
  return record === undefined || "removed" in record ? undefined : record;
};

/**
 * Whether KV has an entry of this app that can be read: a record, or that of a removed app. An app without one is unknown,
 * which can also mean that KV has lost its entries.
 */
export const hasAppEntry = async (store: AppStore, app: string): Promise<boolean> =>
  APP_ID_PATTERN.test(app) && (await readEntry(store, appEntry(app), appOrRemovedSchema)) !== undefined;

/** The record of a reader token; `undefined` if the token is unknown or has expired. */
export const findReader = async (store: AppStore, token: string): Promise<ReaderRecord | undefined> => {
  const reader = await readEntry(store, readerEntry(await hashSecret(token)), readerRecordSchema);
  return reader === undefined || hasExpired(reader, Date.now()) ? undefined : reader;
};

/** The allowed origins of all apps together. */
export const findOrigins = async (store: AppStore): Promise<readonly string[]> =>
  (await readEntry(store, ORIGINS_ENTRY, originsRecordSchema)) ?? [];
