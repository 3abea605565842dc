/**
 * The reasons for which a live tail closes, with their MQTT reason codes (MQTT 5.0, 2.4) and WebSocket close codes
 * (RFC 6455, 7.4.1).
 */
import { FramingError } from "./packet-framer.ts";

interface CloseCodes {
  readonly mqtt: number;
  readonly webSocket: number;
}

const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;

export const CLOSE_REASONS = {
  unsupported_version: { mqtt: 0x84, webSocket: POLICY_VIOLATION },
  malformed_packet: { mqtt: 0x81, webSocket: 1002 },
  protocol_error: { mqtt: 0x82, webSocket: 1002 },
  too_large: { mqtt: 0x95, webSocket: 1009 },
  invalid_credentials: { mqtt: 0x86, webSocket: POLICY_VIOLATION },
  token_expired: { mqtt: 0xa0, webSocket: POLICY_VIOLATION },
  token_revoked: { mqtt: 0x98, webSocket: POLICY_VIOLATION },
  not_authorized: { mqtt: 0x87, webSocket: POLICY_VIOLATION },
  too_many_filters: { mqtt: 0x97, webSocket: POLICY_VIOLATION },
  rate_limited: { mqtt: 0x9f, webSocket: TRY_AGAIN_LATER },
  too_slow: { mqtt: 0x97, webSocket: TRY_AGAIN_LATER },
  behind: { mqtt: 0x97, webSocket: TRY_AGAIN_LATER },
  timed_out: { mqtt: 0x8d, webSocket: POLICY_VIOLATION },
  broker_unavailable: { mqtt: 0x89, webSocket: TRY_AGAIN_LATER },
} as const satisfies Record<string, CloseCodes>;

export type CloseReason = keyof typeof CLOSE_REASONS;

/** Closes the tail with a reason that is sent to the client. */
export class TailError extends Error {
  override readonly name = "TailError";
  readonly reason: CloseReason;

  constructor(reason: CloseReason) {
    super(reason);
    this.reason = reason;
  }
}

/** The close reason of an error; `undefined` for an unexpected error. */
export const toCloseReason = (error: unknown): CloseReason | undefined =>
  error instanceof TailError || error instanceof FramingError ? error.reason : undefined;
