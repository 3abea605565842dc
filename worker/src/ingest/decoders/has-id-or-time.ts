/**
 * Which events of protocols without ids are recognized when their request is sent again.
 */
import { isUsableId } from "#contract/check/normalize-event.ts";
import { normalizeTime } from "#contract/check/normalize-time.ts";
import { isObject } from "#contract/wire/json-object.ts";
import type { RawEvent } from "../delivery.ts";

/**
 * Whether a request with this event and the same bytes is a repetition, and not another log with the same text. Each log has its own
 * id, and nearly always its own time. A time that can be that of something else is not enough. An event that is rejected has no id.
 */
export const hasIdOrTime = (event: RawEvent): boolean => {
  if (!event.ok) return true;
  if (!isObject(event.value)) return false;
  const { id, time } = event.value;
  return isUsableId(id) || (event.doubtfulTime === undefined && normalizeTime(time) !== undefined);
};
