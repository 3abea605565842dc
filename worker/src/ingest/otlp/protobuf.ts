/**
 * OTLP's messages in protobuf. A request becomes the JSON texts that the same request has as OTLP JSON, so that there is one
 * decoder. Records are decoded one after the other: all messages of a request at once would occupy hundreds of megabytes.
 *
 * Sources: https://opentelemetry.io/docs/specs/otlp/#binary-protobuf-encoding, #json-protobuf-encoding
 */
import { Buffer } from "node:buffer";
import { create, createFileRegistry, fromBinary, toBinary, toJson, type DescMessage } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { MAX_RELAY_EVENTS } from "#contract/wire/limits.ts";
import type { JsonObject } from "#contract/wire/json-object.ts";
import { joinBytes } from "../../join-bytes.ts";
import { LOGS_DESCRIPTOR } from "./logs-descriptor.ts";
import { PartWriter, type LogsParts } from "./part-writer.ts";
import { MalformedProtobuf, readFields } from "./wire-format.ts";

/**
 * Maximum number of messages in one record, resource or scope: each attribute is two messages or more. Each occupies several
 * hundred bytes while the record is decoded. A log has at most 128 attributes.
 */
const MAX_NESTED_MESSAGES = 10_000;

/** Maximum number of resources and scopes of a request. */
const MAX_GROUPS = MAX_RELAY_EVENTS;

/** Nested messages below a record. JSON of the same depth is `too_deep`. */
const MAX_DEPTH = 64;

type MessageName =
  | "opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest"
  | "opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse"
  | "opentelemetry.proto.logs.v1.ResourceLogs"
  | "opentelemetry.proto.logs.v1.ScopeLogs"
  | "opentelemetry.proto.logs.v1.LogRecord"
  | "google.rpc.Status";

let registry: ReturnType<typeof createFileRegistry> | undefined;

/** The descriptors are read with the first protobuf request, because most isolates receive none. */
const schemaOf = (name: MessageName): DescMessage => {
  registry ??= createFileRegistry(
    fromBinary(FileDescriptorSetSchema, new Uint8Array(Buffer.from(LOGS_DESCRIPTOR, "base64"))),
  );
  const schema = registry.getMessage(name);
  if (schema === undefined) throw new Error(`the descriptors lack ${name}`);
  return schema;
};

/** Field numbers of `ExportLogsServiceRequest.resource_logs`, `ResourceLogs.scope_logs` and `ScopeLogs.log_records`. */
const [RESOURCE_LOGS, SCOPE_LOGS, LOG_RECORDS] = [1, 2, 2];

interface Span {
  readonly start: number;
  readonly end: number;
}

class TooLarge extends Error {
  override readonly name = "TooLarge";
}

/** The type of a field's messages, or `undefined` for a field without messages. */
const nestedIn = (schema: DescMessage, number: number): DescMessage | undefined =>
  schema.fields.find((field) => field.number === number)?.message;

/** Counts the messages and elements of a message without decoding it. */
const countMessages = (bytes: Uint8Array, { start, end }: Span, schema: DescMessage, depth = 0): number => {
  if (depth > MAX_DEPTH) throw new TooLarge(`A value is nested deeper than ${MAX_DEPTH} messages.`);
  let count = 1;
  for (const field of readFields(bytes, start, end)) {
    const nested = field.isDelimited ? nestedIn(schema, field.number) : undefined;
    count += nested === undefined ? 1 : countMessages(bytes, field, nested, depth + 1);
    if (count > MAX_NESTED_MESSAGES) {
      throw new TooLarge(`A log record, resource or scope has at most ${MAX_NESTED_MESSAGES} values.`);
    }
  }
  return count;
};

/** The fields of a message without the lists of groups or records, as one message. */
const headerOf = (bytes: Uint8Array, { start, end }: Span, listNumber: number): Uint8Array => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const { number, tagStart, end: fieldEnd } of readFields(bytes, start, end)) {
    if (number === listNumber) continue;
    parts.push(bytes.subarray(tagStart, fieldEnd));
    length += fieldEnd - tagStart;
    if (parts.length > MAX_NESTED_MESSAGES) throw new TooLarge("A resource or a scope has too many fields.");
  }
  return joinBytes(parts, length);
};

const decodeMessage = (bytes: Uint8Array, name: MessageName): JsonObject => {
  const schema = schemaOf(name);
  countMessages(bytes, { start: 0, end: bytes.byteLength }, schema);
  const message = fromBinary(schema, bytes, { readUnknownFields: false });
  return toJson(schema, message, { enumAsInteger: true }) as JsonObject;
};

/** Protobuf's JSON has ids as base64, OTLP's JSON as hexadecimal digits. */
const toHex = (id: unknown): unknown => (typeof id === "string" ? Buffer.from(id, "base64").toString("hex") : id);

const decodeRecord = (bytes: Uint8Array): JsonObject => {
  const record = decodeMessage(bytes, "opentelemetry.proto.logs.v1.LogRecord");
  return {
    ...record,
    ...("traceId" in record ? { traceId: toHex(record["traceId"]) } : {}),
    ...("spanId" in record ? { spanId: toHex(record["spanId"]) } : {}),
  };
};

/** The messages of a list. */
function* listOf(bytes: Uint8Array, { start, end }: Span, listNumber: number): Generator<Span, void> {
  for (const field of readFields(bytes, start, end)) {
    if (field.number !== listNumber) continue;
    if (!field.isDelimited) throw new MalformedProtobuf("a list has a number in it");
    yield field;
  }
}

const writeParts = (bytes: Uint8Array, writer: PartWriter): void => {
  let groups = 0;
  const countGroup = (): void => {
    groups += 1;
    if (groups > MAX_GROUPS) throw new TooLarge(`A request has at most ${MAX_GROUPS} resources and scopes.`);
  };
  for (const resourceLogs of listOf(bytes, { start: 0, end: bytes.byteLength }, RESOURCE_LOGS)) {
    countGroup();
    const header = headerOf(bytes, resourceLogs, SCOPE_LOGS);
    writer.startResource(decodeMessage(header, "opentelemetry.proto.logs.v1.ResourceLogs"));
    for (const scopeLogs of listOf(bytes, resourceLogs, SCOPE_LOGS)) {
      countGroup();
      writer.startScope(
        decodeMessage(headerOf(bytes, scopeLogs, LOG_RECORDS), "opentelemetry.proto.logs.v1.ScopeLogs"),
      );
      for (const { start, end } of listOf(bytes, scopeLogs, LOG_RECORDS)) {
        if (writer.isTooLarge) return;
        writer.addRecord(decodeRecord(bytes.subarray(start, end)));
      }
    }
  }
};

/** Number of log records, without decoding them. `undefined` if the bytes are not protobuf. */
export const countProtobufRecords = (bytes: Uint8Array): number | undefined => {
  let count = 0;
  try {
    for (const resourceLogs of listOf(bytes, { start: 0, end: bytes.byteLength }, RESOURCE_LOGS)) {
      for (const scopeLogs of listOf(bytes, resourceLogs, SCOPE_LOGS)) {
        for (const _ of listOf(bytes, scopeLogs, LOG_RECORDS)) count += 1;
      }
    }
    return count;
  } catch {
    return undefined;
  }
};

/**
 * Converts a request to texts of OTLP JSON with at most `maxRecords` records each. Never throws. Memory: that of the texts and of
 * one record.
 */
export const readProtobufParts = (bytes: Uint8Array, maxRecords: number): LogsParts => {
  const writer = new PartWriter(maxRecords);
  try {
    writeParts(bytes, writer);
    return writer.finish();
  } catch (error) {
    // The library throws an `Error` for malformed messages.
    return error instanceof TooLarge ? { ok: false, isTooLarge: true, message: error.message } : { ok: false };
  }
};

/** @param rejected Number of rejected log records. 0 and no message: all are accepted. */
export const writeLogsResponse = (rejected: number, errorMessage: string): Uint8Array<ArrayBuffer> => {
  const schema = schemaOf("opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse");
  const partialSuccess = { rejectedLogRecords: BigInt(rejected), errorMessage };
  const response = rejected === 0 && errorMessage === "" ? {} : { partialSuccess };
  return new Uint8Array(toBinary(schema, create(schema, response)));
};

/** @param code One of `google.rpc.Code`. */
export const writeStatus = (code: number, message: string): Uint8Array<ArrayBuffer> => {
  const schema = schemaOf("google.rpc.Status");
  return new Uint8Array(toBinary(schema, create(schema, { code, message })));
};
