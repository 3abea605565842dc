/**
 * Documents of the index `edgelog-error-groups`: for each error group of an app, when it was first and last seen, and in which
 * versions. They are kept when the logs expire. The Worker's cron jobs write them.
 */
import * as z from "zod";
import type { Immutable } from "#contract/wire/immutable.ts";

/** The index of error groups. */
export const ERROR_GROUPS_INDEX = "edgelog-error-groups";

/** Groups of one app. With more, those that were not seen for the longest time are deleted. */
export const MAX_GROUPS_PER_APP = 10_000;

/** Versions in one document: the first and the newest ones. */
export const MAX_GROUP_VERSIONS = 40;

/** Longer versions, in characters, are left out: a sender chooses them, and a document has many of them. */
export const MAX_GROUP_VERSION_LENGTH = 128;

/** Matches the versions of a group, in Lucene's syntax of regular expressions. */
export const GROUP_VERSION_PATTERN = `.{1,${MAX_GROUP_VERSION_LENGTH}}`;

export const errorGroupSchema = z.object({
  app: z.string(),
  /** The fingerprint, `error.grouping_key` of its logs. */
  key: z.string(),
  firstSeen: z.iso.datetime(),
  /** Accurate to an hour. */
  lastSeen: z.iso.datetime(),
  /** The versions with the time at which the error was first seen in them, in this order. */
  versions: z.array(z.object({ version: z.string(), firstSeen: z.iso.datetime() })),
});

/** The history of an error group of one app. */
export type ErrorGroup = Immutable<z.output<typeof errorGroupSchema>>;

/** Id of the document. App ids contain no colon. */
export const toErrorGroupId = (app: string, key: string): string => `${app}:${key}`;
