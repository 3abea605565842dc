/**
 * Errors of the HTTP API, as `application/problem+json` (RFC 9457) with a machine-readable `reason`.
 */
import type { RejectReason } from "#contract/wire/reject-reason.ts";

/** Why a request as a whole was refused. */
export type ProblemReason =
  | RejectReason
  | "missing_credentials"
  | "invalid_credentials"
  | "forbidden_app"
  | "forbidden_origin"
  | "rate_limited"
  | "unsupported_encoding"
  | "upgrade_required"
  | "store_unavailable"
  | "broker_unavailable"
  | "not_found"
  | "invalid_query"
  | "invalid_cursor"
  | "too_many_rules"
  | "read_only"
  | "conflict"
  | "internal";

/** Body of every answer of 4xx and 5xx that is not a {@link import("#contract/wire/receipt.ts").Receipt}. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly reason: ProblemReason;
  readonly detail: string;
  readonly field?: string;
  readonly limit?: number;
  /** With `invalid_query`: the characters of `q` to mark, in UTF-16 code units from its start. */
  readonly offset?: number;
  readonly length?: number;
}
