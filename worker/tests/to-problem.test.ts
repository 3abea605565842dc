import { describe, expect, it } from "vitest";
import { isRelayRefusal, readProblemReason } from "#contract/relay/relay-refusal.ts";
import type { Failure } from "../src/failure.ts";
import { toProblemResponse } from "../src/http/problem.ts";
import { toProblem } from "../src/http/to-problem.ts";

/** One failure of each kind with the status of its response. The type requires a row for every kind. */
const SAMPLES: { readonly [K in Failure["kind"]]: readonly [failure: Failure & { readonly kind: K }, status: number] } =
  {
    missing_credentials: [{ kind: "missing_credentials", principal: "app" }, 401],
    invalid_credentials: [{ kind: "invalid_credentials", principal: "relay" }, 401],
    app_disabled: [{ kind: "app_disabled" }, 403],
    forbidden_origin: [{ kind: "forbidden_origin", access: "write" }, 403],
    rate_limited: [{ kind: "rate_limited", scope: "app", retryAfterSeconds: 10 }, 429],
    route_not_found: [{ kind: "route_not_found", method: "PATCH" }, 404],
    not_mqtt_upgrade: [{ kind: "not_mqtt_upgrade" }, 426],
    body_too_large: [{ kind: "body_too_large", limitBytes: 1_000 }, 413],
    body_timeout: [{ kind: "body_timeout", limitSeconds: 30 }, 408],
    body_too_slow: [{ kind: "body_too_slow", minBytesPerSecond: 16_384 }, 408],
    unsupported_encoding: [{ kind: "unsupported_encoding", encoding: "br" }, 415],
    malformed_encoding: [{ kind: "malformed_encoding", encoding: "gzip" }, 400],
    malformed_json: [{ kind: "malformed_json" }, 400],
    clock_skew: [{ kind: "clock_skew", aheadMs: -180_000, limitMs: 120_000 }, 409],
    malformed_relay_frame: [{ kind: "malformed_relay_frame" }, 400],
    invalid_parameter: [
      {
        kind: "invalid_parameter",
        violation: { reason: "invalid_field", message: "limit must be at least 1.", field: "limit" },
      },
      400,
    ],
    forbidden_app: [{ kind: "forbidden_app" }, 403],
    invalid_query: [
      {
        kind: "invalid_query",
        error: { reason: "unclosed_quote", message: "This quote is not closed.", offset: 6, length: 3 },
      },
      400,
    ],
    invalid_cursor: [{ kind: "invalid_cursor" }, 400],
    event_not_found: [{ kind: "event_not_found" }, 404],
    alert_not_found: [{ kind: "alert_not_found" }, 404],
    alerts_read_only: [{ kind: "alerts_read_only" }, 403],
    erasure_not_allowed: [{ kind: "erasure_not_allowed" }, 403],
    monitoring_not_allowed: [{ kind: "monitoring_not_allowed" }, 403],
    indices_closed: [{ kind: "indices_closed", indices: ["logs-30d-2026.01.01"] }, 409],
    alert_conflict: [{ kind: "alert_conflict" }, 409],
    too_many_alerts: [{ kind: "too_many_alerts", limit: 100 }, 409],
    webhook_refused: [{ kind: "webhook_refused", refusal: "private_host", field: "webhookUrl" }, 400],
    demo_not_configured: [{ kind: "demo_not_configured" }, 404],
    store_unavailable: [{ kind: "store_unavailable" }, 503],
    overloaded: [{ kind: "overloaded" }, 503],
    internal: [{ kind: "internal" }, 500],
  };

describe(toProblem, () => {
  it.each(Object.entries(SAMPLES))("maps %s to a status and a sentence", (_, [failure, status]) => {
    const problem = toProblem(failure);
    expect(problem.status).toBe(status);
    expect(problem.detail).toMatch(/^\S.*\.$/);
  });

  it("reports the position of an error in a query", () => {
    expect(toProblem(SAMPLES.invalid_query[0])).toMatchObject({ field: "q", offset: 6, length: 3 });
  });

  it.each(["reader", "relay"] as const)("never opens the browser's password dialog for a %s", (principal) => {
    const { headers } = toProblem({ kind: "missing_credentials", principal });
    expect(headers?.["WWW-Authenticate"]).toMatch(/^Bearer /);
  });

  it("is recognized by the relay as a refusal only if the Worker will never accept the frame", async () => {
    const refusals: string[] = [];
    for (const [kind, [failure]] of Object.entries(SAMPLES)) {
      const response = toProblemResponse(failure);
      const contentType = response.headers.get("Content-Type") ?? undefined;
      const received = { status: response.status, contentType, body: await response.json() };
      expect(readProblemReason(received)).toBe(toProblem(failure).reason);
      if (isRelayRefusal(received)) refusals.push(kind);
    }
    expect(refusals).toEqual(["body_too_large", "malformed_relay_frame"]);
  });

  it.each([
    ["rate_limited", "10"],
    ["store_unavailable", "5"],
    ["internal", "5"],
  ] as const)("sets Retry-After for %s to %s seconds", (kind, seconds) => {
    expect(toProblem(SAMPLES[kind][0]).headers?.["Retry-After"]).toBe(seconds);
  });
});
