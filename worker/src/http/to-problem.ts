/**
 * Maps each {@link Failure} to its HTTP status, its machine-readable reason and an English sentence for the caller.
 */
import type { ProblemReason } from "#contract/api/problem.ts";
import type { Failure, Principal, WebhookRefusal } from "../failure.ts";

/** Status, headers and members of a problem document. `detail` is for the caller; it must not contain internal information. */
export interface ProblemOptions {
  readonly status: number;
  readonly reason: ProblemReason;
  readonly detail: string;
  readonly field?: string | undefined;
  readonly limit?: number | undefined;
  /** With `invalid_query`: the invalid part of `q`, in UTF-16 code units. */
  readonly offset?: number | undefined;
  readonly length?: number | undefined;
  readonly suggestion?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `Retry-After` of 500 and 503, in seconds: about the time that OpenSearch needs to start. */
export const RETRY_AFTER_SECONDS = 5;

const RETRY_LATER = { "Retry-After": String(RETRY_AFTER_SECONDS) };

/** A challenge of `Basic` opens the browser's password dialog, so only apps receive it, never readers of the console. */
const CHALLENGES: Readonly<Record<Principal, string>> = {
  app: 'Basic realm="edgelog", charset="UTF-8"',
  reader: 'Bearer realm="edgelog"',
  relay: 'Bearer realm="edgelog"',
};

const MISSING_CREDENTIALS: Readonly<Record<Principal, string>> = {
  app: "Send `app:key` in an `Authorization: Basic` or `Bearer` header, or the query parameters `app` and `key`.",
  reader: "Send a reader token in an `Authorization: Bearer` header.",
  relay: "Send the relay token in an `Authorization: Bearer` header.",
};

const INVALID_CREDENTIALS: Readonly<Record<Principal, string>> = {
  app: "Unknown app, or invalid or expired key.",
  reader: "Unknown or expired reader token. The key of an app cannot read logs.",
  relay: "Invalid relay token.",
};

const FORBIDDEN_ORIGIN = {
  read: "Pages of this origin may not read logs.",
  write: "Pages of this origin may not send logs. To allow it, run `npm run app -- set APP --origin ORIGIN`.",
} as const;

const WEBHOOK_REFUSALS: Readonly<Record<WebhookRefusal, string>> = {
  not_a_url: "The webhook URL is not a valid URL.",
  has_credentials: "The webhook URL must not contain a user name or password.",
  not_http: "The webhook URL must start with http or https.",
  not_https: "The webhook URL must start with https.",
  forbidden_port: "The webhook's port must be 443 or 80.",
  own_host: "The webhook must not be a host of edgelog.",
  private_host: "The webhook's host must be public.",
};

/** Status, headers and body of the response to a failed request. */
export const toProblem = (failure: Failure): ProblemOptions => {
  switch (failure.kind) {
    case "missing_credentials":
      return {
        status: 401,
        reason: "missing_credentials",
        detail: MISSING_CREDENTIALS[failure.principal],
        headers: { "WWW-Authenticate": CHALLENGES[failure.principal] },
      };
    case "invalid_credentials":
      return {
        status: 401,
        reason: "invalid_credentials",
        detail: INVALID_CREDENTIALS[failure.principal],
        headers: { "WWW-Authenticate": CHALLENGES[failure.principal] },
      };
    case "app_disabled":
      return { status: 403, reason: "app_disabled", detail: "This app is disabled.", field: "app" };
    case "forbidden_origin":
      return { status: 403, reason: "forbidden_origin", detail: FORBIDDEN_ORIGIN[failure.access], field: "Origin" };
    case "rate_limited":
      return {
        status: 429,
        reason: "rate_limited",
        detail: `Too many requests from this ${failure.scope}. Send larger batches less often.`,
        headers: { "Retry-After": String(failure.retryAfterSeconds) },
      };
    case "route_not_found":
      return { status: 404, reason: "not_found", detail: `There is no route for ${failure.method} on this path.` };
    case "not_mqtt_upgrade":
      return {
        status: 426,
        reason: "upgrade_required",
        detail: "This path serves MQTT over WebSocket. Connect with an MQTT client and the subprotocol `mqtt`.",
        headers: { Upgrade: "websocket" },
      };
    case "body_too_large":
      return {
        status: 413,
        reason: "too_large",
        detail: `The body is larger than ${failure.limitBytes} bytes. Send smaller batches.`,
        field: "body",
        limit: failure.limitBytes,
      };
    case "body_timeout":
      return {
        status: 408,
        reason: "timed_out",
        detail: `The body was not received within ${failure.limitSeconds} seconds.`,
        field: "body",
        limit: failure.limitSeconds,
      };
    case "body_too_slow":
      return {
        status: 408,
        reason: "timed_out",
        detail: `The body arrived with less than ${failure.minBytesPerSecond} bytes a second. Send smaller bodies.`,
        field: "body",
        limit: failure.minBytesPerSecond,
      };
    case "unsupported_encoding":
      return {
        status: 415,
        reason: "unsupported_encoding",
        detail: `Content-Encoding "${failure.encoding}" is not supported. Use gzip, deflate, zstd or no encoding.`,
        field: "Content-Encoding",
        // RFC 9110, 15.5.16.
        headers: { "Accept-Encoding": "gzip, deflate, zstd" },
      };
    case "malformed_encoding":
      return {
        status: 400,
        reason: "unsupported_encoding",
        detail: `The body is not valid ${failure.encoding}.`,
        field: "Content-Encoding",
      };
    case "malformed_json":
      return { status: 400, reason: "invalid_json", detail: "The body is not valid JSON." };
    case "malformed_relay_frame":
      return { status: 400, reason: "unknown_shape", detail: "The body is not a valid relay frame." };
    case "clock_skew": {
      const seconds = Math.round(Math.abs(failure.aheadMs) / 1_000);
      const direction = failure.aheadMs > 0 ? "ahead of" : "behind";
      return {
        status: 409,
        reason: "clock_skew",
        detail: `The relay's clock is ${seconds} seconds ${direction} the Worker's. Nothing was stored. Synchronize the clocks and resend.`,
        limit: failure.limitMs,
      };
    }
    case "invalid_parameter": {
      const { reason, message, field, limit } = failure.violation;
      return { status: 400, reason, detail: message, field, limit };
    }
    case "forbidden_app":
      return {
        status: 403,
        reason: "forbidden_app",
        detail: "This token does not grant access to the requested app.",
        field: "app",
      };
    case "invalid_query": {
      const { message, offset, length, suggestion } = failure.error;
      return { status: 400, reason: "invalid_query", detail: message, field: "q", offset, length, suggestion };
    }
    case "invalid_cursor":
      return {
        status: 400,
        reason: "invalid_cursor",
        detail: "This cursor belongs to a different query. Resend the original parameters.",
        field: "cursor",
      };
    case "event_not_found":
      return { status: 404, reason: "not_found", detail: "There is no event with this id.", field: "id" };
    case "alert_not_found":
      return { status: 404, reason: "not_found", detail: "There is no alert with this id.", field: "id" };
    case "erasure_not_allowed":
      return {
        status: 403,
        reason: "read_only",
        detail: "This token may not erase logs. Create one with `npm run reader -- create --erase`.",
      };
    case "indices_closed":
      return {
        status: 409,
        reason: "conflict",
        detail: `These indices are closed, so their logs cannot be erased: ${failure.indices.join(", ")}. Open or delete them in OpenSearch, then repeat the request.`,
      };
    case "monitoring_not_allowed":
      return {
        status: 403,
        reason: "read_only",
        detail:
          "This token may not see the state of the deployment. Create one with `npm run reader -- create --monitor`.",
      };
    case "alerts_read_only":
      return { status: 403, reason: "read_only", detail: "This token may read alerts but not change them." };
    case "alert_conflict":
      return {
        status: 409,
        reason: "conflict",
        detail: "The alert has changed since it was read. Read it again and repeat the change.",
      };
    case "too_many_alerts":
      return {
        status: 409,
        reason: "too_many_rules",
        detail: `The limit of ${failure.limit} alerts is reached. Delete an alert first.`,
        limit: failure.limit,
      };
    case "webhook_refused":
      return {
        status: 400,
        reason: "invalid_field",
        detail: WEBHOOK_REFUSALS[failure.refusal],
        field: failure.field,
      };
    case "demo_not_configured":
      return { status: 404, reason: "not_found", detail: "The demo app is not configured in this deployment." };
    case "store_unavailable":
      return {
        status: 503,
        reason: "store_unavailable",
        detail: "OpenSearch is unavailable. Please retry.",
        headers: RETRY_LATER,
      };
    case "overloaded":
      return {
        status: 503,
        reason: "overloaded",
        detail: "Too many requests are in progress. Please retry.",
        headers: RETRY_LATER,
      };
    case "internal":
      return {
        status: 500,
        reason: "internal",
        detail: "Internal error; the outcome is unknown. Please retry.",
        headers: RETRY_LATER,
      };
  }
};
