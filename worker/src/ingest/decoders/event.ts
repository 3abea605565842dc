/**
 * A single event, for curl, `mosquitto_pub` and devices that send events one at a time.
 */
import type { JsonObject } from "#contract/wire/dialect.ts";
import type { DecodedPayload } from "../delivery.ts";

/** Accepts invalid events too: validation later reports which field is wrong. */
export const decodeEvent = (value: JsonObject): DecodedPayload => ({
  dialect: "event",
  events: [{ ok: true, value }],
});
