/**
 * Why an event or a whole payload was not stored as a log. A closed union: a new reason is added here first.
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
  "unknown_topic",
  "refused_by_store",
  "internal",
] as const;

/** Why an event or a payload was rejected. */
export type RejectReason = (typeof REJECT_REASONS)[number];

/** What is wrong with an event or a payload, for the one who sent it. */
export interface Violation {
  readonly reason: RejectReason;
  /** A sentence that names the field and, where there is one, the limit. */
  readonly message: string;
  /** Path of the field, e.g. `attributes.http.route` or `events[3].body`. */
  readonly field?: string;
  /** The limit that was passed, in the unit that `message` names. */
  readonly limit?: number;
}
