/**
 * OTLP's messages in protobuf. A request becomes the object that the same request has as OTLP JSON, so that there is one
 * decoder.
 *
 * Sources: https://opentelemetry.io/docs/specs/otlp/#binary-protobuf-encoding, #json-protobuf-encoding
 */
import { Buffer } from "node:buffer";
import { create, createFileRegistry, fromBinary, toBinary, toJson, type DescMessage } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { LOGS_DESCRIPTOR } from "./logs-descriptor.ts";

type MessageName =
  | "opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest"
  | "opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse"
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

const listOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Protobuf's JSON has ids as base64, OTLP's JSON as hexadecimal digits. */
const toHex = (id: unknown): unknown => (typeof id === "string" ? Buffer.from(id, "base64").toString("hex") : id);

const withHexIds = (record: JsonObject): JsonObject => ({
  ...record,
  ...("traceId" in record ? { traceId: toHex(record["traceId"]) } : {}),
  ...("spanId" in record ? { spanId: toHex(record["spanId"]) } : {}),
});

/** The request as OTLP JSON; `undefined` if the bytes are not such a message. Never throws. */
export const readLogsRequest = (bytes: Uint8Array): JsonObject | undefined => {
  const schema = schemaOf("opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest");
  try {
    const request = toJson(schema, fromBinary(schema, bytes), { enumAsInteger: true }) as JsonObject;
    return {
      ...request,
      resourceLogs: listOf(request["resourceLogs"]).map((resourceLogs) => ({
        ...resourceLogs,
        scopeLogs: listOf(resourceLogs["scopeLogs"]).map((scopeLogs) => ({
          ...scopeLogs,
          logRecords: listOf(scopeLogs["logRecords"]).map(withHexIds),
        })),
      })),
    };
  } catch {
    return undefined;
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
