/**
 * Reads the events in the bytes of a message, before validation. The dialect is recognized as in the Worker. The live
 * tail reads batches, events and plain text; messages of other dialects are shown when they are stored.
 */
import { BATCH_VERSION } from "#contract/wire/batch-version.ts";
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { normalizeBatch } from "#contract/check/normalize-event.ts";
import { repairOf } from "#contract/check/read-json.ts";
import { repairText } from "#contract/check/repair-text.ts";
import type { Change } from "#contract/wire/change.ts";
import { isGzip, recognizePayload, type Dialect, type JsonObject, type ListedItem } from "#contract/wire/dialect.ts";
import { MAX_BATCH_EVENTS, MAX_MESSAGE_BYTES, MAX_SHARED_LENGTH } from "#contract/wire/limits.ts";
import type { Attributes } from "#contract/wire/log-event.ts";
import { isUuid } from "#contract/wire/uuid.ts";
import { toAttributes } from "./check-event.ts";

export interface ReadPayload {
  readonly dialect: Dialect;
  readonly batchId?: string;
  readonly resource?: Attributes;
  readonly attributes?: Attributes;
  /** `undefined` for an element that is not valid, was changed when it was parsed, or is not of the dialect `event`. */
  readonly events: readonly unknown[];
  /** Changes to the fields that all events share. */
  readonly changes?: readonly Change[];
}

/** One byte of gzip gives at most 1,032 bytes. A slice of this size therefore gives at most about one megabyte. */
const INFLATE_SLICE_BYTES = 1_024;

const inflate = async (bytes: Uint8Array): Promise<Uint8Array | undefined> => {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  const feed = async (): Promise<void> => {
    for (let start = 0; start < bytes.byteLength; start += INFLATE_SLICE_BYTES) {
      await writer.ready;
      await writer.write(bytes.slice(start, start + INFLATE_SLICE_BYTES));
    }
    await writer.close();
  };
  // `reader.read()` rejects with the same error.
  feed().catch(() => undefined);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = readable.getReader();
  for (let next = await reader.read(); next.value !== undefined; next = await reader.read()) {
    size += next.value.byteLength;
    if (size > MAX_MESSAGE_BYTES) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(next.value);
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
};

const readBatch = (sent: JsonObject): ReadPayload | undefined => {
  const { value: batch, changes } = normalizeBatch(sent);
  const { v, id, resource: sentResource, attributes: sentAttributes, events, ...unknownFields } = batch;
  if (v !== BATCH_VERSION || Object.keys(unknownFields).length > 0) return undefined;
  if (!Array.isArray(events) || (id !== undefined && !isUuid(id))) return undefined;
  const [resource, attributes] = [toAttributes(sentResource), toAttributes(sentAttributes)];
  if (resource === "malformed" || attributes === "malformed") return undefined;
  if (resource && checkAttributes(resource, "resource", MAX_SHARED_LENGTH)) return undefined;
  if (attributes && checkAttributes(attributes, "attributes", MAX_SHARED_LENGTH)) return undefined;
  return {
    dialect: "batch",
    ...(id !== undefined && { batchId: id.toLowerCase() }),
    ...(resource && { resource }),
    ...(attributes && { attributes }),
    events,
    changes,
  };
};

const readItem = (item: ListedItem): unknown =>
  item.ok && item.input === "object" && item.dialect === "event" && repairOf(item.object) === undefined
    ? item.object
    : undefined;

const readBytes = (bytes: Uint8Array): ReadPayload | undefined => {
  const payload = recognizePayload(bytes);
  if (!payload.ok || payload.defects.isLossy) return undefined;
  switch (payload.input) {
    case "list":
      return { dialect: "event", events: payload.items.map(readItem) };
    case "object":
      if (repairOf(payload.object) !== undefined) return undefined;
      if (payload.dialect === "batch") return readBatch(payload.object);
      return payload.dialect === "event" ? { dialect: payload.dialect, events: [payload.object] } : undefined;
    case "text":
      return payload.dialect === "text" ? { dialect: payload.dialect, events: [{ body: payload.text }] } : undefined;
  }
};

/**
 * Returns `undefined` for a payload that is invalid or of a dialect that the live tail does not read. Never rejects.
 * Needs a few times `MAX_MESSAGE_BYTES` of memory at most.
 */
export const readPayload = async (sent: Uint8Array): Promise<ReadPayload | undefined> => {
  try {
    const bytes = isGzip(sent) ? await inflate(sent) : sent;
    if (bytes === undefined || bytes.byteLength > MAX_MESSAGE_BYTES) return undefined;
    const payload = readBytes(bytes);
    // Repaired text is shown when it is stored.
    if (payload !== undefined && repairText(payload) !== payload) return undefined;
    const count = payload?.events.length ?? 0;
    return count === 0 || count > MAX_BATCH_EVENTS ? undefined : payload;
  } catch {
    // Invalid gzip.
    return undefined;
  }
};
