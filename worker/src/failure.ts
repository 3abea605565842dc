/**
 * The reasons for which a request fails, as data. Code below `routes/` throws a {@link FailureError} and does not
 * depend on HTTP; `http/to-problem.ts` maps each kind to a status and an English sentence.
 */
import type { QueryError } from "#contract/query/ast.ts";
import type { Violation } from "#contract/wire/violation.ts";

/** The caller that a set of credentials identifies. */
export type Principal = "app" | "reader" | "relay";

/** The reason for which an alert's webhook URL is not accepted. */
export type WebhookRefusal =
  | "not_a_url"
  | "has_credentials"
  | "not_http"
  | "not_https"
  | "forbidden_port"
  | "own_host"
  | "private_host";

export type Failure =
  // Access
  | { readonly kind: "missing_credentials" | "invalid_credentials"; readonly principal: Principal }
  | { readonly kind: "app_disabled" }
  | { readonly kind: "forbidden_origin"; readonly access: "read" | "write" }
  | { readonly kind: "rate_limited"; readonly scope: "address" | "app"; readonly retryAfterSeconds: number }
  // Request
  | { readonly kind: "route_not_found"; readonly method: string }
  | { readonly kind: "not_mqtt_upgrade" }
  | { readonly kind: "body_too_large"; readonly limitBytes: number }
  | { readonly kind: "body_timeout"; readonly limitSeconds: number }
  | { readonly kind: "body_too_slow"; readonly minBytesPerSecond: number }
  | { readonly kind: "unsupported_encoding" | "malformed_encoding"; readonly encoding: string }
  | { readonly kind: "malformed_json" }
  | { readonly kind: "malformed_relay_frame" }
  /** `aheadMs`: how far the relay's clock is ahead of the Worker's. Negative: it is behind. */
  | { readonly kind: "clock_skew"; readonly aheadMs: number; readonly limitMs: number }
  | { readonly kind: "invalid_parameter"; readonly violation: Violation }
  // Reading
  | { readonly kind: "forbidden_app" }
  | { readonly kind: "invalid_query"; readonly error: QueryError }
  | { readonly kind: "invalid_cursor" }
  | { readonly kind: "event_not_found" }
  // Alerts
  | { readonly kind: "alert_not_found" }
  | { readonly kind: "alerts_read_only" }
  | { readonly kind: "erasure_not_allowed" | "monitoring_not_allowed" }
  /** Their documents can be neither found nor deleted. */
  | { readonly kind: "indices_closed"; readonly indices: readonly string[] }
  | { readonly kind: "alert_conflict" }
  | { readonly kind: "too_many_alerts"; readonly limit: number }
  | { readonly kind: "webhook_refused"; readonly refusal: WebhookRefusal; readonly field: string }
  // Deployment
  | { readonly kind: "demo_not_configured" }
  | { readonly kind: "store_unavailable" }
  /** The isolate's memory for concurrent requests is in use. */
  | { readonly kind: "overloaded" }
  | { readonly kind: "internal" };

/** Carries a {@link Failure} up to app.ts, which turns it into the response. */
export class FailureError extends Error {
  override readonly name = "FailureError";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.kind);
    this.failure = failure;
  }
}
