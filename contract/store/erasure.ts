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

const userHashSchema = z.hash("sha256").describe("SHA-256 of the app's id, a line feed and the user's id");

export const erasureDocumentSchema = z.object({
  /** Logs with an earlier time are refused. */
  at: z.iso.datetime(),
  /** The description of the token. */
  by: z.string(),
  users: z.array(z.object({ app: z.string(), user: userHashSchema })),
  /** Number of deleted logs and rejected events. 0 until they are deleted. */
  logs: z.int(),
  rejected: z.int(),
});

export const erasedEntrySchema = z.object({
  users: z.array(z.object({ app: z.string(), user: userHashSchema, at: z.iso.datetime() })),
});

export type ErasureDocument = Immutable<z.output<typeof erasureDocumentSchema>>;

export type ErasedEntry = Immutable<z.output<typeof erasedEntrySchema>>;
