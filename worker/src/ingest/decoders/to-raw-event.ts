/**
 * The last step of the decoders of other formats: shortens the event to the limits, and adds the original for the rejected store.
 */
import type { Dialect } from "#contract/wire/dialect.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { RawEvent } from "../delivery.ts";
import { fitFields, type DecodedFields } from "./fit-event.ts";

export interface DecodedEvent extends DecodedFields {
  readonly severity: Severity | undefined;
  /** Milliseconds since 1970, or RFC 3339. */
  readonly time?: number | string | undefined;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
}

/** @param raw The original value or text. */
export const toRawEvent = (dialect: Dialect, event: DecodedEvent, raw: unknown): RawEvent => {
  const { severity, time, traceId, spanId } = event;
  const { body, attributes, resource, shortened } = fitFields(event);
  return {
    ok: true,
    dialect,
    raw,
    value: {
      body,
      ...(severity === undefined ? {} : { severity }),
      ...(time === undefined ? {} : { time }),
      ...(traceId === undefined ? {} : { traceId }),
      ...(spanId === undefined ? {} : { spanId }),
      attributes,
    },
    ...(resource === undefined ? {} : { resource }),
    ...(shortened.length === 0 ? {} : { shortened }),
  };
};
