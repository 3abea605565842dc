/** Ids in the form in which they are stored. Senders show them in other forms, too. */
import { toSpanId, toTraceId } from "#contract/check/normalize-event.ts";
import { isUuid } from "#contract/wire/uuid.ts";

const toUuid = (text: string): string | undefined => (isUuid(text) ? text.toLowerCase() : undefined);

/** The conversions of ingest, by the path of the id. They return `undefined` for a text that is not an id. */
export const STORED_IDS: Readonly<Record<string, (text: string) => string | undefined>> = {
  "log.record.uid": toUuid,
  "error.grouping_key": toUuid,
  traceId: toTraceId,
  spanId: toSpanId,
};
