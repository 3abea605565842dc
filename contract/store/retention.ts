/**
 * Documents of the index `edgelog-retention`: the deletions of retention, and the apps on hold, whose logs it must not delete. Both are in OpenSearch: a snapshot contains them, and a hold cannot be lost while the logs still exist.
 */
import * as z from "zod";
import type { Immutable } from "#contract/wire/immutable.ts";

export const RETENTION_INDEX = "edgelog-retention";

/** Id of the document with the holds. */
export const HOLDS_ID = "holds";

/** Why documents were deleted. */
export const DELETE_REASONS = {
  expired: "Their retention has ended.",
  max_bytes: "All indices together were larger than RETENTION_MAX_BYTES.",
  disk: "A disk of OpenSearch was fuller than RETENTION_MAX_DISK_PERCENT.",
} as const satisfies Record<string, string>;

export type DeleteReason = keyof typeof DELETE_REASONS;

const REASONS = Object.keys(DELETE_REASONS) as readonly DeleteReason[];

export const deletionSchema = z.object({
  index: z.string(),
  reason: z.enum(REASONS),
  documents: z.int(),
  /** Size of the index on disk with all its copies. Absent if only some of its documents were deleted. */
  bytes: z.int().exactOptional(),
  /** Documents that were not deleted because their app is on hold. Absent: the whole index was deleted, or there are none. */
  held: z.int().exactOptional(),
});

export const retentionRunSchema = z.object({
  at: z.iso.datetime(),
  /** Absent: the run was interrupted, so some of the deletions may be missing. They are repeated by the next run. */
  finishedAt: z.iso.datetime().exactOptional(),
  deletions: z.array(deletionSchema),
});

export const holdSchema = z.object({ app: z.string(), since: z.iso.datetime(), note: z.string() });

export const holdsSchema = z.object({ holds: z.array(holdSchema) });

/** Documents that a run of retention deletes, or has deleted. */
export type Deletion = Immutable<z.output<typeof deletionSchema>>;

/** One run of retention that deleted something. */
export type RetentionRun = Immutable<z.output<typeof retentionRunSchema>>;

/** An app whose logs and rejected events are not deleted by retention. */
export type Hold = Immutable<z.output<typeof holdSchema>>;
