/**
 * A single event, for curl, `mosquitto_pub` and devices that send one at a time.
 */
import type { DecodedPayload } from "../payload.ts";

const EVENT_FIELDS = ["body", "severity", "id"] as const;

/** Has at least one field of an event; what is wrong with it is for validation to say. */
export const isEvent = (value: unknown): boolean =>
  typeof value === "object" && value !== null && EVENT_FIELDS.some((field) => field in value);

export const decodeEvent = (value: unknown): DecodedPayload => ({ dialect: "event", events: [{ ok: true, value }] });
