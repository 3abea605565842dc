/**
 * A single event, for curl, `mosquitto_pub` and devices that send events one at a time.
 */
import type { DecodedPayload } from "../delivery.ts";

/** One of these fields is enough to recognise an event. */
const RECOGNISED_BY = ["body", "severity", "id"] as const;

/** Accepts invalid events too: validation later reports which field is wrong. */
export const isEvent = (value: unknown): boolean =>
  typeof value === "object" && value !== null && RECOGNISED_BY.some((field) => field in value);

export const decodeEvent = (value: unknown): DecodedPayload => ({ dialect: "event", events: [{ ok: true, value }] });
