/** Hostile payloads: small to send, but large, deeply nested or malformed to parse. */
import { constants, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { MAX_REQUEST_BYTES } from "#contract/wire/limits.ts";

const MIB = 1_048_576;
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
const DEFLATE_HEADER = Buffer.from([0x78, 0x9c]);
/** Final block of a deflate stream. The checksum is missing because decoders stop before it. */
const LAST_BLOCK = Buffer.from([3, 0]);

/** 1 MiB of zeros as concatenable deflate blocks of about 1 KB. */
const zeros = deflateRawSync(Buffer.alloc(MIB), { level: 9, finishFlush: constants.Z_FULL_FLUSH });

const inflated = (header: Buffer, mebibytes: number): Buffer =>
  Buffer.concat([header, ...Array.from({ length: mebibytes }, () => zeros), LAST_BLOCK]);

/** The most MiB of zeros within the size limit of a request body. */
const LARGEST_MIB = Math.floor((MAX_REQUEST_BYTES - 20) / zeros.byteLength);

const keys = (count: number): string => Array.from({ length: count }, (_, i) => `"k${i}":1`).join(",");

export interface HostilePayload {
  readonly name: string;
  readonly body: string | Buffer;
  readonly encoding?: "gzip" | "deflate";
  readonly status: number;
  /** Reason of the problem or of the first rejected event; absent when the event is stored. */
  readonly reason?: string;
}

export const HOSTILE_PAYLOADS: readonly HostilePayload[] = [
  { name: "10 MB of nested arrays", body: "[".repeat(10 * MIB), status: 413, reason: "too_large" },
  { name: "1 MiB of nested arrays", body: "[".repeat(MIB), status: 400, reason: "too_deep" },
  {
    name: "1 MiB of nested arrays, closed",
    body: "[".repeat(MIB / 2) + "]".repeat(MIB / 2),
    status: 400,
    reason: "too_deep",
  },
  {
    name: "nested objects in an attribute",
    body: `{"body":"x","attributes":{"a":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}}`,
    status: 400,
    reason: "too_deep",
  },
  {
    name: "nested objects in the text of a flutter_logs message",
    body: JSON.stringify({
      "log.level": "INFO",
      "process.thread.name": "x",
      message: `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
    }),
    status: 200,
  },
  {
    name: "10 GB of zeros as gzip",
    body: inflated(GZIP_HEADER, 10_240),
    encoding: "gzip",
    status: 413,
    reason: "too_large",
  },
  {
    name: "gzip of one byte more than the limit",
    body: gzipSync(`{"body":"x"}`.padEnd(MAX_REQUEST_BYTES + 1)),
    encoding: "gzip",
    status: 413,
    reason: "too_large",
  },
  {
    name: "deflate of one byte more than the limit",
    body: deflateSync(`{"body":"x"}`.padEnd(MAX_REQUEST_BYTES + 1)),
    encoding: "deflate",
    status: 413,
    reason: "too_large",
  },
  {
    name: "the largest gzip bomb within the size limit",
    body: inflated(GZIP_HEADER, LARGEST_MIB),
    encoding: "gzip",
    status: 413,
    reason: "too_large",
  },
  {
    name: "the largest deflate bomb within the size limit",
    body: inflated(DEFLATE_HEADER, LARGEST_MIB),
    encoding: "deflate",
    status: 413,
    reason: "too_large",
  },
  {
    name: "gzip with 90 members",
    body: Buffer.concat(Array.from({ length: 90 }, () => gzipSync(Buffer.alloc(10 * MIB)))),
    encoding: "gzip",
    status: 413,
    reason: "too_large",
  },
  { name: "1,000,000 keys", body: `{"body":"x","attributes":{${keys(1_000_000)}}}`, status: 413, reason: "too_large" },
  {
    name: "85,000 keys",
    body: `{"body":"x","attributes":{${keys(85_000)}}}`,
    status: 400,
    reason: "too_many_attributes",
  },
  { name: "85,000 unknown fields", body: `{"body":"x",${keys(85_000)}}`, status: 400, reason: "unknown_field" },
  {
    name: "500,000 numbers",
    body: `[${"1,".repeat(500_000)}1]`,
    status: 413,
    reason: "too_many_events",
  },
  {
    name: "a key of 1 MB",
    body: `{"body":"x","attributes":{"${"k".repeat(1_000_000)}":1}}`,
    status: 400,
    reason: "too_long",
  },
  {
    name: "a field with a name of 1 MB",
    body: `{"body":"x","${"k".repeat(1_000_000)}":1}`,
    status: 400,
    reason: "unknown_field",
  },
  {
    name: "lone surrogates",
    body: String.raw`{"body":"\ud800","attributes":{"\udc00":"\ud800x","user.id":"\udfff"}}`,
    status: 200,
  },
  {
    name: "numbers at and beyond the range of doubles",
    body: `{"body":"x","attributes":{"a":1e308,"b":-1e309,"c":1e-400,"http.response.status_code":1e308,"d":${"9".repeat(1_000)}}}`,
    status: 200,
  },
  {
    name: "a number of 100,000 digits",
    body: `{"body":"x","attributes":{"d":${"9".repeat(100_000)}}}`,
    status: 400,
    reason: "too_long",
  },
  { name: "duplicate keys", body: '{"body":"first","body":"last","attributes":{"a":1,"a":2}}', status: 200 },
  {
    name: "__proto__, constructor and toString as attributes",
    body: '{"body":"x","attributes":{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},"toString":1}}',
    status: 200,
  },
  {
    name: "__proto__ as a field of an event",
    body: '{"body":"x","__proto__":{"severity":"error"}}',
    status: 400,
    reason: "unknown_field",
  },
  {
    name: "__proto__ as a field of a batch",
    body: '{"v":1,"__proto__":{"id":"x"},"events":[{"body":"x"}]}',
    status: 400,
    reason: "unknown_field",
  },
  {
    name: "1,000 events with a large resource and attributes",
    body: JSON.stringify({
      v: 1,
      resource: { r: "r".repeat(8_000) },
      attributes: { a: "a".repeat(8_000) },
      events: Array.from({ length: 1_000 }, () => ({ body: "x" })),
    }),
    status: 413,
    reason: "too_large",
  },
  {
    name: "1,000 events whose documents fit into 8 MiB",
    body: JSON.stringify({
      v: 1,
      resource: { r: "r".repeat(3_500) },
      attributes: { a: "a".repeat(3_500) },
      events: Array.from({ length: 1_000 }, () => ({ body: "x" })),
    }),
    status: 200,
  },
];
