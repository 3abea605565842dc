/**
 * Refuses invalid events and unreadable payloads of erased users, whose content the rejected store would keep otherwise.
 */
import { normalizeTime } from "#contract/check/normalize-time.ts";
import { timeOfBatch, timeOfEvent } from "#contract/store/event-time.ts";
import type { Violation } from "#contract/wire/violation.ts";
import type { Admission } from "./admission.ts";
import type { DecodedPayload, Delivery, RawEvent } from "./delivery.ts";
import { readEventId, findPayloadUsers, toRejectedPayload } from "./plan-rejection.ts";

/** Time of an invalid event in milliseconds since 1970; `undefined` if it has a time that cannot be read. */
const readLoggedMs = (raw: RawEvent, batchId: string | undefined, observedMs: number): number | undefined => {
  if (!raw.ok || typeof raw.value !== "object" || raw.value === null) return undefined;
  const id = readEventId(raw.value);
  if (!("time" in raw.value)) return timeOfEvent({ id }) ?? timeOfBatch(id, batchId) ?? observedMs;
  const time = normalizeTime(raw.value.time)?.time;
  return time === undefined ? undefined : timeOfEvent({ time });
};

/** A violation with the reason `erased` if the event names a user whose logs from its time were erased. */
export const refuseInvalidEvent = (
  delivery: Delivery,
  decoded: DecodedPayload,
  raw: RawEvent,
  { refuseErased }: Admission,
  observedMs: number,
): Violation | undefined => {
  if (refuseErased === undefined) return undefined;
  const users = findPayloadUsers(toRejectedPayload(delivery, decoded, raw)) ?? [];
  return refuseErased(users, readLoggedMs(raw, decoded.batchId, observedMs));
};

/** Whether a payload that is rejected as a whole names an erased user, or may name one because it cannot be read. */
export const namesErasedUser = ({ payload }: Delivery, { refuseErased }: Admission): boolean => {
  if (refuseErased === undefined) return false;
  const users = findPayloadUsers(payload);
  return users === undefined || refuseErased(users, undefined) !== undefined;
};
