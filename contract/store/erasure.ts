/**
 * Erasures of users: the documents of the index `edgelog-erasures`, which are the audit record, and the KV entry derived from
 * them, with which the Worker refuses logs that a device sends after its user was erased. Neither contains the id of a user.
 */
import * as z from "zod";
import type { Immutable } from "#contract/wire/immutable.ts";

export const ERASURES_INDEX = "edgelog-erasures";

/** Name of the KV entry with the erased users of all apps. */
export const ERASED_ENTRY = "erased";

/** The fields of a log that identify its user. */
export const USER_FIELDS = ["user.id", "user.email"] as const;

/** How long logs of an erased user are refused: longer than the longest retention. */
export const ERASURE_DAYS = 400;

/** Number of erased users in the KV entry, the newest ones. OpenSearch returns at most this many documents. */
export const MAX_ERASED_USERS = 10_000;

const userHashSchema = z.hash("sha256").describe("SHA-256 of a line feed and the user's id");

/** A user of one app, in erasures of earlier versions: SHA-256 of the app's id, a line feed and the user's id. */
const userOfAppSchema = z.object({ app: z.string(), user: z.hash("sha256") });

export const erasureDocumentSchema = z.object({
  /** Logs with an earlier time are refused. */
  at: z.iso.datetime(),
  /** The description of the token. */
  by: z.string(),
  /** Absent in records of earlier versions, which have `users`. */
  user: userHashSchema.exactOptional(),
  apps: z.array(z.string()).default([]),
  users: z.array(userOfAppSchema).default([]),
  /** Number of deleted logs and rejected events. 0 until they are deleted. */
  logs: z.int(),
  rejected: z.int(),
});

export const erasedEntrySchema = z.object({
  users: z.array(userOfAppSchema.extend({ at: z.iso.datetime() })),
  /** Most users are erased in the same apps, so each list is stored once. */
  appLists: z.array(z.array(z.string())).default([]),
  /** `apps`: position in `appLists`. */
  erasures: z.array(z.object({ user: userHashSchema, apps: z.int().min(0), at: z.iso.datetime() })).default([]),
});

export type ErasureDocument = Immutable<z.output<typeof erasureDocumentSchema>>;

export type ErasedEntry = Immutable<z.output<typeof erasedEntrySchema>>;
