/** Texts of `npm run retention`. */
import type { Deletion, Hold, RetentionRun } from "#contract/store/retention.ts";
import { expiryOf, type PlannedDeletion, type StoredIndex } from "../../worker/src/retention/plan-retention.ts";
import { formatByteCount } from "#contract/wire/quantity.ts";

const REASONS: Readonly<Record<Deletion["reason"], string>> = {
  expired: "retention has ended",
  max_bytes: "RETENTION_MAX_BYTES",
  disk: "RETENTION_MAX_DISK_PERCENT",
};

const toDate = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const describeHeld = (held: number | undefined): string =>
  held === undefined || held === 0 ? "" : `, ${held} of them on hold and not deleted`;

export const describePlanned = ({ name, documents, bytes, reason, heldDocuments }: PlannedDeletion): string =>
  `${name}  ${documents} documents, ${formatByteCount(bytes)}${describeHeld(heldDocuments)}  (${REASONS[reason]})`;

/** An index that expires later. */
export const describeLater = ({ name, documents, bytes }: StoredIndex): string =>
  `${name}  ${documents} documents, ${formatByteCount(bytes)}  (expires on ${toDate(expiryOf(name) ?? 0)})`;

const describeDeletion = ({ index, documents, bytes, held, reason }: Deletion): string => {
  const size = bytes === undefined ? "some of its documents" : `the index, ${formatByteCount(bytes)}`;
  const kept = held === undefined ? "" : `, ${held} on hold kept`;
  return `  ${index}  ${documents} documents, ${size}${kept}  (${REASONS[reason]})`;
};

export const describeRun = ({ at, finishedAt, deletions }: RetentionRun): string =>
  [`${at}${finishedAt === undefined ? "  interrupted" : ""}`, ...deletions.map(describeDeletion)].join("\n");

export const describeHold = ({ app, since, note }: Hold): string => `${app}  since ${since}  ${JSON.stringify(note)}`;
