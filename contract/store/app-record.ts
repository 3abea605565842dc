/**
 * The entries of the KV namespace APPS. `npm run app` and `npm run reader` write them and the Worker reads them. Keys and
 * tokens are stored as hashes. They are long and random, so one round of SHA-256 is enough.
 */
import * as z from "zod";
import { RETENTION_CLASSES_DAYS } from "#contract/wire/limits.ts";

/** Classes of HTTP rate limits. The limits are in wrangler.toml. */
export const RATE_CLASSES = ["low", "standard", "high", "unlimited"] as const;

/** In `origins`: every origin is allowed. */
export const ANY_ORIGIN = "*";

/** One key of an app. Two keys are valid at the same time during a key rotation. */
const appKeySchema = z.object({
  /**
   * Number of the key, 1 for an app's first key. The MQTT user name of later keys contains it; see `mqttUserOfKey` in
   * topics.ts.
   */
  generation: z.int().min(1),
  /** SHA-256 of the key in lower-case hex. */
  hash: z.hash("sha256"),
  /** PBKDF2 hash of the same key, in the format of the broker's password file. */
  brokerHash: z.string().regex(/^\$7\$\d+\$[\w+/=]+\$[\w+/=]+$/),
  /** Time at which the key expires, RFC 3339. Absent: it does not expire. */
  expiresAt: z.iso.datetime().optional(),
});

export const appRecordSchema = z.object({
  keys: z.array(appKeySchema).min(1),
  retentionDays: z.literal(RETENTION_CLASSES_DAYS),
  /** Origins of pages that may log: exact origins, patterns such as `https://*.example.org`, or {@link ANY_ORIGIN}. */
  origins: z.array(z.string()),
  rate: z.enum(RATE_CLASSES),
  disabled: z.boolean(),
  /** Quota of stored bytes in one UTC day. Absent: no quota. */
  bytesPerDay: z.int().min(1).optional(),
  /** Quota of events in one second, averaged over a few seconds. Absent: no quota. */
  eventsPerSecond: z.int().min(1).optional(),
});

/**
 * Replaces the record of a removed app. Messages of the app that are still in a queue are then rejected. Without any entry,
 * the app is unknown and its messages are retried, because KV may have lost the entry.
 */
export const removedAppSchema = z.object({
  removed: z.literal(true),
  /** RFC 3339. The entry expires {@link REMOVED_APP_DAYS} days later. */
  removedAt: z.iso.datetime(),
});

/** How long the entry of a removed app exists. Longer than messages can wait in the broker. */
export const REMOVED_APP_DAYS = 30;

export const readerRecordSchema = z.object({
  /** Ids of the apps whose logs the token may read. */
  apps: z.array(z.string()),
  /** Time at which the token expires, RFC 3339. Absent: it is valid until it is revoked. */
  expiresAt: z.iso.datetime().optional(),
  /** Description of the token, such as its owner. */
  note: z.string().optional(),
  /** Whether the token may create and change alerts of these apps. */
  canAlert: z.boolean().optional(),
  /** Whether the token may erase the logs of a user of these apps. */
  canErase: z.boolean().optional(),
  /** Whether the token may see the state of the whole deployment, including the ids of all apps. */
  canMonitor: z.boolean().optional(),
});

/** Origins of all apps, for `/mqtt`: a WebSocket request contains the page's origin but not the app id. */
export const originsRecordSchema = z.array(z.string());

/** One of an app's keys. */
export type AppKey = z.output<typeof appKeySchema>;

/** Value of the KV entry `app:{id}`. */
export type AppRecord = z.output<typeof appRecordSchema>;

/** Value of the KV entry `app:{id}` after the app was removed. */
export type RemovedApp = z.output<typeof removedAppSchema>;

/** Value of the KV entry `reader:{sha256 of token}`. */
export type ReaderRecord = z.output<typeof readerRecordSchema>;

export const APP_ENTRY_PREFIX = "app:";
export const READER_ENTRY_PREFIX = "reader:";

/** Name of the KV entry with an {@link AppRecord} or a {@link RemovedApp}. */
export const appEntry = (app: string): string => `${APP_ENTRY_PREFIX}${app}`;

/** Length of a token's id. */
const TOKEN_ID_LENGTH = 12;

/** The id of a reader token: the start of its hash. It is not secret. */
export const toTokenId = (tokenHash: string): string => tokenHash.slice(0, TOKEN_ID_LENGTH);

/** Name of the KV entry with a {@link ReaderRecord}. */
export const readerEntry = (tokenHash: string): string => `${READER_ENTRY_PREFIX}${tokenHash}`;

/** Name of the KV entry with the origins of all apps. */
export const ORIGINS_ENTRY = "origins";

/** Whether a key or token has expired. */
export const hasExpired = ({ expiresAt }: { readonly expiresAt?: string | undefined }, nowMs: number): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) <= nowMs;
