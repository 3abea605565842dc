/**
 * The reasons for which an event or a whole payload is rejected. The union is closed: add a new reason here first.
 * PROTOCOL.md, section 7, describes each of them. Without zod: the console imports it.
 */
export const REJECT_REASONS = [
  "empty_payload",
  "not_utf8",
  "broken_gzip",
  "invalid_json",
  "unknown_shape",
  "unsupported_version",
  "missing_field",
  "invalid_field",
  "unknown_field",
  "too_long",
  "too_deep",
  "too_many_attributes",
  "too_many_events",
  "too_large",
  "unknown_app",
  "app_disabled",
  "over_quota",
  "erased",
  "unknown_topic",
  "refused_by_store",
  "internal",
] as const;

/** One of {@link REJECT_REASONS}. */
export type RejectReason = (typeof REJECT_REASONS)[number];
