/**
 * What the KV namespace APPS holds: written by `npm run app`, read by the Worker. Hashes only: keys and tokens are random
 * and long, so one round of SHA-256 is enough.
 */
import * as z from "zod";
import { RETENTION_CLASSES_DAYS } from "#contract/wire/limits.ts";

/** How many requests an app may send by HTTP; the numbers stand in wrangler.toml. */
export const RATE_CLASSES = ["low", "standard", "high", "unlimited"] as const;

/** In `origins`: pages of any origin. */
export const ANY_ORIGIN = "*";

/** One of an app's keys. Two are valid at once while one replaces the other. */
const appKeySchema = z.object({
  /** 1 for an app's first key. From 2 on it is a part of the MQTT user name; see `mqttUserOfKey` in topics.ts. */
  generation: z.int().min(1),
  /** SHA-256 of the key in lower-case hex. */
  hash: z.hash("sha256"),
  /** PBKDF2 of the same key, as it stands in the broker's password file. */
  brokerHash: z.string().regex(/^\$7\$\d+\$[\w+/=]+\$[\w+/=]+$/),
  /** RFC 3339; from then on the key is not valid. */
  expiresAt: z.iso.datetime().optional(),
});

export const appRecordSchema = z.object({
  keys: z.array(appKeySchema).min(1),
  retentionDays: z.literal(RETENTION_CLASSES_DAYS),
  /** Origins of the pages that may log: exact, `https://*.example.org`, or {@link ANY_ORIGIN}. */
  origins: z.array(z.string()),
  rate: z.enum(RATE_CLASSES),
  disabled: z.boolean(),
});

export const readerRecordSchema = z.object({
  /** Ids of the apps whose logs may be read. */
  apps: z.array(z.string()),
  /** RFC 3339; from then on the token is not valid. Absent: until it is revoked. */
  expiresAt: z.iso.datetime().optional(),
  /** Whose it is, for people. */
  note: z.string().optional(),
  /** Whether the token may make and change alerts of these apps. */
  canAlert: z.boolean().optional(),
});

/** Origins of all apps together, for `/mqtt`: a WebSocket says where its page is from before it says who it is. */
export const originsRecordSchema = z.array(z.string());

/** One of an app's keys. */
export type AppKey = z.output<typeof appKeySchema>;

/** Value of the KV entry `app:{id}`. */
export type AppRecord = z.output<typeof appRecordSchema>;

/** Value of the KV entry `reader:{sha256 of token}`. */
export type ReaderRecord = z.output<typeof readerRecordSchema>;

export const APP_ENTRY_PREFIX = "app:";
export const READER_ENTRY_PREFIX = "reader:";

/** Name of the KV entry with an {@link AppRecord}. */
export const appEntry = (app: string): string => `${APP_ENTRY_PREFIX}${app}`;

/** Name of the KV entry with a {@link ReaderRecord}. */
export const readerEntry = (tokenHash: string): string => `${READER_ENTRY_PREFIX}${tokenHash}`;

/** Name of the KV entry with the origins of all apps. */
export const ORIGINS_ENTRY = "origins";

/** Whether a key or a token has run out. */
export const hasExpired = ({ expiresAt }: { readonly expiresAt?: string | undefined }, nowMs: number): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) <= nowMs;
