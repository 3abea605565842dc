/**
 * The changes that ingest makes to an event instead of rejecting it. They are listed in the document's `edgelog.changes`.
 * The union is closed: add a new change here first. PROTOCOL.md, section 8, describes each of them. Without zod.
 */
export const CHANGES = [
  /** Invalid UTF-8 or half of a surrogate pair was replaced with U+FFFD. */
  "text_repaired",
  /** A key that its object had already got a number. */
  "key_renamed",
  /** A number that a double cannot represent was stored as a text with its digits. */
  "number_as_text",
  /** The `id` is not usable, or another event of the payload has it. The event has a new id. */
  "id_replaced",
  /** `traceId` or `spanId` is not usable and was left out. */
  "trace_id_omitted",
  /** `traceId` or `spanId` was converted to lower-case hexadecimal digits of the full length. */
  "trace_id_converted",
  /** `time` has a unit other than milliseconds, recognized by its magnitude. */
  "time_converted",
] as const;

/** One of {@link CHANGES}. */
export type Change = (typeof CHANGES)[number];
