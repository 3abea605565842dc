/**
 * Brings an event to the form of the schema before it is validated: removes empty optional fields, converts times and trace
 * ids, and leaves out ids that are not usable. The log is stored despite a mistake in one of these fields. Without zod: the live
 * tail in the console uses it, too.
 */
import type { Change } from "#contract/wire/change.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { truncate } from "#contract/wire/shorten.ts";
import { isUuid } from "#contract/wire/uuid.ts";
import { ExactNumber } from "./exact-number.ts";
import { normalizeTime } from "./normalize-time.ts";

/** An event that is not validated yet. */
export interface NormalizedEvent {
  readonly value: unknown;
  readonly changes: readonly Change[];
  /** Nanoseconds of `time` after the millisecond, from 0 to 999,999. */
  readonly nanos: number;
  /** The sent `id`, if it is not usable. */
  readonly claimedId?: string;
}

const NO_CHANGES: readonly Change[] = [];

const MAX_CLAIMED_ID_LENGTH = 128;

/** RFC 9562, 5.9 and 5.10: the nil and the max UUID. Senders use them as placeholders. */
const NIL_ID = "00000000-0000-0000-0000-000000000000";
const MAX_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

const HEX_TRACE_ID = /^[0-9a-f]{32}$/;
const HEX_SPAN_ID = /^[0-9a-f]{16}$/;

/** W3C Trace Context, 3.2.2.3: an id of zeros only is invalid. */
const ZEROS = /^0*$/;

/** A UUID can be the id of an event or batch if it is not a placeholder. */
export const isUsableId = (id: unknown): id is string => isUuid(id) && id !== NIL_ID && id.toLowerCase() !== MAX_ID;

/** Ids of 64 bits (B3) are padded as in OpenTelemetry; UUIDs and AWS X-Ray's `1-{8}-{24}` have hyphens. */
export const toTraceId = (sent: unknown): string | undefined => {
  if (typeof sent !== "string") return undefined;
  const hex = sent
    .trim()
    .toLowerCase()
    .replace(/^1-(?=[0-9a-f]{8}-[0-9a-f]{24}$)/, "")
    .replaceAll("-", "");
  const padded = HEX_SPAN_ID.test(hex) ? hex.padStart(32, "0") : hex;
  return HEX_TRACE_ID.test(padded) && !ZEROS.test(padded) ? padded : undefined;
};

export const toSpanId = (sent: unknown): string | undefined => {
  const hex = typeof sent === "string" ? sent.trim().toLowerCase() : "";
  return HEX_SPAN_ID.test(hex) && !ZEROS.test(hex) ? hex : undefined;
};

const isEmptyArray = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Whether an optional field has no value. An empty PHP array is `[]` in JSON, even if it stands for an object. */
const isAbsent = (key: string, value: unknown): boolean => {
  switch (key) {
    case "id":
    case "time":
    case "severity":
    case "traceId":
    case "spanId":
      return value === null || value === "";
    case "attributes":
    case "resource":
      return value === null || value === "" || isEmptyArray(value);
    default:
      return false;
  }
};

/** Returns the object without empty optional fields. Returns the same object if all of its fields have a value. */
const omitAbsent = (object: JsonObject): JsonObject => {
  for (const key in object) {
    if (isAbsent(key, object[key])) {
      return Object.fromEntries(Object.entries(object).filter(([name, value]) => !isAbsent(name, value)));
    }
  }
  return object;
};

const toClaimedId = (id: unknown): string | undefined => {
  if (typeof id === "string") return truncate(id, MAX_CLAIMED_ID_LENGTH);
  return typeof id === "number" || id instanceof ExactNumber ? String(id) : undefined;
};

/** Returns the same value if there is nothing to change. */
export const normalizeEvent = (sent: unknown): NormalizedEvent => {
  if (!isObject(sent)) return { value: sent, changes: NO_CHANGES, nanos: 0 };
  const event = omitAbsent(sent);
  const { id, time, traceId, spanId } = event;
  const hasPlainId = id === undefined || isUsableId(id);
  if (hasPlainId && time === undefined && traceId === undefined && spanId === undefined) {
    return { value: event, changes: NO_CHANGES, nanos: 0 };
  }
  const changes = new Set<Change>();
  const overrides: Record<string, unknown> = {};
  let nanos = 0;
  let claimedId: string | undefined;
  let isChanged = false;
  const override = (key: string, value: unknown): void => {
    overrides[key] = value;
    isChanged = true;
  };
  if (!hasPlainId) {
    claimedId = toClaimedId(id);
    changes.add("id_replaced");
    override("id", undefined);
  }
  if (time !== undefined) {
    const normalized = normalizeTime(time);
    if (normalized !== undefined) {
      ({ nanos } = normalized);
      if (normalized.time !== time) override("time", normalized.time);
      if (normalized.isConverted) changes.add("time_converted");
    }
  }
  const normalizeTrace = (key: string, value: unknown, hex: string | undefined): void => {
    if (hex === value) return;
    changes.add(hex === undefined ? "trace_id_omitted" : "trace_id_converted");
    override(key, hex);
  };
  if (traceId !== undefined) normalizeTrace("traceId", traceId, toTraceId(traceId));
  if (spanId !== undefined) normalizeTrace("spanId", spanId, toSpanId(spanId));
  return {
    value: isChanged ? { ...event, ...overrides } : event,
    changes: changes.size === 0 ? NO_CHANGES : [...changes],
    nanos,
    ...(claimedId === undefined ? {} : { claimedId }),
  };
};

/** The fields of a batch around its events, before they are validated. */
export interface NormalizedBatch {
  readonly value: JsonObject;
  readonly changes: readonly Change[];
}

/** Removes empty optional fields and an `id` that is not usable. Returns the same value if there is nothing to change. */
export const normalizeBatch = (sent: JsonObject): NormalizedBatch => {
  const batch = omitAbsent(sent);
  if (batch["id"] === undefined || isUsableId(batch["id"])) return { value: batch, changes: NO_CHANGES };
  const { id: _, ...rest } = batch;
  return { value: rest, changes: ["id_replaced"] };
};
