/**
 * OTLP requests of 1 MB that would occupy hundreds of megabytes if all of their messages were decoded at the same time.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Buffer } from "node:buffer";
import { expect, it } from "vitest";
import { MAX_REQUEST_BYTES } from "#contract/wire/limits.ts";

/** Several requests of an isolate share 128 MB. */
const MAX_HEAP_MB = 48;

const varint = (value: number): readonly number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];

/** A field with a length. */
const field = (number: number, content: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from([number * 8 + 2, ...varint(content.byteLength)]), content]);

const repeat = (bytes: readonly number[], count: number): Uint8Array =>
  Buffer.alloc(bytes.length * count, Buffer.from(bytes));

const toRequest = (records: Uint8Array, resource: Uint8Array = new Uint8Array()): Uint8Array =>
  field(1, Buffer.concat([resource, field(2, records)]));

const COUNT = Math.floor((MAX_REQUEST_BYTES - 100) / 2);

/** The attribute `k` with the text `v`. */
const ATTRIBUTE = [0x32, 8, 0x0a, 1, 0x6b, 0x12, 3, 0x0a, 1, 0x76];

const resourceOf = (length: number): Uint8Array => {
  const attribute = Buffer.concat([field(1, Buffer.from("filler")), field(2, field(1, Buffer.alloc(length, "x")))]);
  return field(1, field(1, attribute));
};

const toJson = (resourceLength: number, count: number): Uint8Array => {
  const attributes = [{ key: "filler", value: { stringValue: "x".repeat(resourceLength) } }];
  const logRecords = Array.from({ length: count }, () => ({}));
  return Buffer.from(JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] }));
};

it.each([
  ["empty attributes of one record", toRequest(field(2, repeat([0x32, 0], COUNT))), "refused"],
  ["empty values in a list", toRequest(field(2, field(5, field(5, repeat([0x0a, 0], COUNT))))), "refused"],
  ["empty attributes of a resource", field(1, field(1, repeat([0x0a, 0], COUNT))), "refused"],
  ["empty resources", repeat([0x0a, 0], COUNT), "refused"],
  ["unknown fields", toRequest(field(2, repeat([0x78, 0], COUNT))), "refused"],
  [
    "records of 100 empty attributes",
    toRequest(repeat([0x12, 200, 1, ...repeat([0x32, 0], 100)], 5_000)),
    "too_many_attributes",
  ],
  ["records of 100 attributes", toRequest(repeat([0x12, 232, 7, ...repeat(ATTRIBUTE, 100)], 1_000)), "log"],
  ["a resource that 10,000 records share", toRequest(repeat([0x12, 0], 10_000), resourceOf(500_000)), "too_large"],
  ["a resource of 1,000 characters", toRequest(repeat([0x12, 0], 10_000), resourceOf(1_000)), "log"],
  ["the same resource in JSON", toJson(500_000, 10_000), "too_large"],
])("occupies little memory: %s", async (_name, body, expected) => {
  const thread = new Worker(new URL("support/decode-otlp-thread.ts", import.meta.url), {
    workerData: Array.from({ length: 3 }, () => body),
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: 8 },
  });
  const outcomes: unknown[] = [];
  thread.on("message", (each: readonly unknown[]) => outcomes.push(...each));
  expect(await once(thread, "exit")).toEqual([0]);
  expect(outcomes).toEqual([expected, expected, expected]);
});
