/**
 * From the bytes of a message to the events in it, still unchecked. Does as the Worker's decoders do for our batch, for
 * events and for plain text; what is anything else, or not surely one of these, is `undefined`: the store will tell.
 */
import { BATCH_VERSION } from "#contract/wire/batch-version.ts";
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { checkJson } from "#contract/check/check-json.ts";
import { MAX_BATCH_EVENTS, MAX_MESSAGE_BYTES, MAX_SHARED_LENGTH } from "#contract/wire/limits.ts";
import type { Dialect } from "#contract/store/log-document.ts";
import { isUuid, toAttributes, type Attributes } from "./check-event.ts";

export interface ReadPayload {
  readonly dialect: Dialect;
  readonly batchId?: string;
  readonly resource?: Attributes;
  readonly attributes?: Attributes;
  readonly events: readonly unknown[];
}

/** Deflate makes a byte of at most 1,032: so much may come of one slice before it is counted. */
const INFLATE_SLICE_BYTES = 1_024;

const isGzip = ([first, second]: Uint8Array): boolean => first === 0x1f && second === 0x8b;

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
  // What is wrong with the bytes is told to the reader as well.
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

const readBatch = (batch: Readonly<Record<string, unknown>>): ReadPayload | undefined => {
  const { v, id, resource, attributes, events, ...unknownFields } = batch;
  if (v !== BATCH_VERSION || Object.keys(unknownFields).length > 0) return undefined;
  if (!Array.isArray(events) || (id !== undefined && !isUuid(id))) return undefined;
  const [of, shared] = [toAttributes(resource), toAttributes(attributes)];
  if (of === "malformed" || shared === "malformed") return undefined;
  if (of && checkAttributes(of, "resource", MAX_SHARED_LENGTH)) return undefined;
  if (shared && checkAttributes(shared, "attributes", MAX_SHARED_LENGTH)) return undefined;
  return {
    dialect: "batch",
    ...(id !== undefined && { batchId: id.toLowerCase() }),
    ...(of && { resource: of }),
    ...(shared && { attributes: shared }),
    events,
  };
};

const isFlutterJson = (value: object): boolean =>
  "log.level" in value && "message" in value && "process.thread.name" in value;

const readJson = (text: string): ReadPayload | undefined => {
  if (checkJson(text) !== undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (Array.isArray(value)) return { dialect: "event", events: value };
  if (typeof value !== "object" || value === null) return undefined;
  if ("events" in value) return readBatch(value);
  return isFlutterJson(value) ? undefined : { dialect: "event", events: [value] };
};

const readText = (text: string): ReadPayload | undefined => {
  const trimmed = text.trim();
  if (trimmed.startsWith("{") || trimmed.startsWith("[")) return readJson(trimmed);
  return trimmed === "" ? undefined : { dialect: "text", events: [{ body: text.replace(/\r?\n$/, "") }] };
};

/** Never rejects. Takes no more memory than a few times the bound of a message. */
export const readPayload = async (sent: Uint8Array): Promise<ReadPayload | undefined> => {
  try {
    const payload = isGzip(sent) ? await inflate(sent) : sent;
    if (payload === undefined || payload.byteLength > MAX_MESSAGE_BYTES) return undefined;
    const read = readText(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    const count = read?.events.length ?? 0;
    return count === 0 || count > MAX_BATCH_EVENTS ? undefined : read;
  } catch {
    // Not UTF-8, not JSON, not gzip.
    return undefined;
  }
};
