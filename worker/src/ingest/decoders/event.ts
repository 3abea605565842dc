/**
 * A single event, for curl, `mosquitto_pub` and devices that send events one at a time.
 */
import type { JsonObject } from "#contract/wire/dialect.ts";
import type { RawEvent } from "../delivery.ts";
import { toOwnEvent } from "./repaired.ts";

/** Accepts invalid events too: validation later reports which field is wrong. */
export const decodeEvent = (value: JsonObject): RawEvent => ({ ...toOwnEvent(value), dialect: "event" });
