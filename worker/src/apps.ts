/**
 * Who may write and who may read, from the KV namespace APPS. Only hashes are kept: keys and tokens are random and
 * long, so one round of SHA-256 is enough, and comparing hashes tells nothing about the key by its timing.
 */
import * as z from "zod";
import { RETENTION_CLASSES_DAYS } from "../../contract/limits.ts";
import { APP_ID_PATTERN } from "../../contract/topics.ts";

const appRecordSchema = z.object({
  keyHashes: z.array(z.hash("sha256")),
  retentionDays: z.literal(RETENTION_CLASSES_DAYS),
});

const readerRecordSchema = z.object({ apps: z.array(z.string()) });

/** Value of the KV entry `app:{id}`. */
export type AppRecord = z.output<typeof appRecordSchema>;

/** Value of the KV entry `reader:{sha256 of token}`. */
export type ReaderRecord = z.output<typeof readerRecordSchema>;

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

/** The app's record; `undefined` when there is no such app. */
export const findApp = async (store: AppStore, app: string): Promise<AppRecord | undefined> => {
  if (!APP_ID_PATTERN.test(app)) return undefined;
  const value = await store.get(`app:${app}`, { type: "json", cacheTtl: CACHE_TTL_SECONDS });
  return value === null ? undefined : appRecordSchema.parse(value);
};

/** What the holder of this token may read; `undefined` when there is no such token. */
export const findReader = async (store: AppStore, token: string): Promise<ReaderRecord | undefined> => {
  const value = await store.get(`reader:${await hashSecret(token)}`, { type: "json", cacheTtl: CACHE_TTL_SECONDS });
  return value === null ? undefined : readerRecordSchema.parse(value);
};
