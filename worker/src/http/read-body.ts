/**
 * Reads a request body up to a size limit, which applies before and after decompression. Memory use stays below twice the
 * limit.
 */
import { gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { SECOND_MS } from "#contract/wire/durations.ts";
import { FailureError, type Failure } from "../failure.ts";
import { joinBytes } from "../join-bytes.ts";
import { unzstd } from "./unzstd.ts";

const MAX_SHOWN_ENCODING_LENGTH = 40;

const tooLarge = (limitBytes: number): FailureError => new FailureError({ kind: "body_too_large", limitBytes });

interface InflateOptions {
  readonly maxOutputLength: number;
}

type Inflate = (body: Uint8Array, options: InflateOptions) => Uint8Array;

/** The result with `info: true`, which the types do not have. */
interface Inflated {
  readonly buffer: Uint8Array;
  /** `bytesWritten` is the number of compressed bytes that were read. */
  readonly engine: { readonly bytesWritten: number };
}

/**
 * RFC 9110, 8.4.1.2: `deflate` is the zlib format. Some senders omit its header, whose two bytes are a multiple of 31. Both
 * functions ignore bytes after the first stream, which would be lost: the body is then not valid.
 */
const inflate = (body: Uint8Array, options: InflateOptions): Uint8Array => {
  const [first = 0, second = 0] = body;
  const hasHeader = (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
  const decompress = hasHeader ? inflateSync : inflateRawSync;
  const { buffer, engine } = decompress(body, { ...options, info: true }) as unknown as Inflated;
  if (engine.bytesWritten !== body.byteLength) throw new Error("The body does not end with its deflate stream.");
  return buffer;
};

/**
 * Synchronous, because these functions stop at `maxOutputLength`. A decompression stream inflates each chunk completely,
 * up to a thousand times its size, before the output can be counted. `x-gzip` is another name of `gzip`: RFC 9110, 8.4.1.3.
 */
const INFLATE: ReadonlyMap<string, Inflate> = new Map<string, Inflate>([
  ["gzip", gunzipSync],
  ["x-gzip", gunzipSync],
  ["deflate", inflate],
  ["zstd", unzstd],
]);

/** The codings of a body, in any case, without `identity`. */
const readCodings = (headers: Pick<Headers, "get">): readonly string[] =>
  (headers.get("Content-Encoding") ?? "")
    .split(",")
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== "" && coding !== "identity");

/** How long a client may take to send a body, which occupies memory that other requests wait for. */
const MAX_BODY_SECONDS = 30;

/** Browsers send at most this much with `keepalive`, and so does the browser logger. Larger bodies have separate memory. */
export const MAX_SMALL_BODY_BYTES = 65_536;

/**
 * Large bodies must arrive at this rate, or at the lower one with which they are complete in time. A few requests that send a byte
 * a second would otherwise occupy all of their memory. Slow phones send small bodies.
 */
const MIN_BYTES_PER_SECOND = 16_384;

/** The rate is not measured at first. Shorter than other requests wait for the memory, which is then theirs. */
const UNMEASURED_SECONDS = 3;

const toMinBytesPerSecond = (expectedBytes: number): number =>
  expectedBytes <= MAX_SMALL_BODY_BYTES
    ? 0
    : Math.min(MIN_BYTES_PER_SECOND, Math.floor(expectedBytes / MAX_BODY_SECONDS));

/** Calls `onLate` once when the body should be complete, or is too slow. Returns functions that count its bytes, and stop. */
const watchRate = (expectedBytes: number, onLate: (failure: Failure) => void) => {
  const minBytesPerSecond = toMinBytesPerSecond(expectedBytes);
  let bytes = 0;
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += 1;
    if (seconds >= MAX_BODY_SECONDS) onLate({ kind: "body_timeout", limitSeconds: MAX_BODY_SECONDS });
    else if (bytes < (seconds - UNMEASURED_SECONDS) * minBytesPerSecond) {
      onLate({ kind: "body_too_slow", minBytesPerSecond });
    } else return;
    clearInterval(timer);
  }, SECOND_MS);
  return { count: (more: number): void => void (bytes += more), stop: (): void => clearInterval(timer) };
};

/** Reads the next bytes of a body. Resolves to `undefined` at its end. */
type ReadNext = () => Promise<Uint8Array | undefined>;

type Count = (bytes: number) => void;

const createChunkReader =
  (reader: ReadableStreamDefaultReader<Uint8Array>, count: Count): ReadNext =>
  async () => {
    const { value } = await reader.read();
    count(value?.byteLength ?? 0);
    return value;
  };

/** Size of a buffer for a body whose length is unknown, and after the declared length. */
const BUFFER_BYTES = 65_536;

/**
 * Reads into buffers of this size: workerd otherwise returns at most 4 KB at a time. Returns a buffer when it is full or the
 * body has ended, so the buffers are not larger than the body by more than one of them.
 */
const createBufferReader = (reader: ReadableStreamBYOBReader, firstBytes: number, count: Count): ReadNext => {
  let nextBytes = Math.max(1, firstBytes);
  return async () => {
    let buffer = new Uint8Array(nextBytes);
    let filled = 0;
    nextBytes = BUFFER_BYTES;
    while (filled < buffer.byteLength) {
      // The buffer is transferred to the reader, and back.
      const { done, value } = await reader.read(buffer.subarray(filled));
      if (value === undefined) return undefined;
      buffer = new Uint8Array(value.buffer);
      if (done) break;
      filled += value.byteLength;
      count(value.byteLength);
    }
    return filled === 0 ? undefined : buffer.subarray(0, filled);
  };
};

/** Streams that are not byte streams, for instance those of a proxy in Node.js, cannot read into a buffer. */
const openReader = (
  stream: ReadableStream<Uint8Array>,
  declaredBytes: number | undefined,
  count: Count,
): { readonly reader: Pick<ReadableStreamDefaultReader, "cancel">; readonly readNext: ReadNext } => {
  try {
    const reader = stream.getReader({ mode: "byob" });
    return { reader, readNext: createBufferReader(reader, declaredBytes ?? BUFFER_BYTES, count) };
  } catch {
    const reader = stream.getReader();
    return { reader, readNext: createChunkReader(reader, count) };
  }
};

/**
 * Throws as soon as the stream exceeds its declared length, or the limit if that is unknown. A client can send a
 * `Content-Length` and a longer body in chunks, which would occupy more memory than is reserved for it.
 *
 * @param declaredBytes The length of the body if it is known. At most `limitBytes`.
 */
const collect = async (
  stream: ReadableStream<Uint8Array>,
  limitBytes: number,
  declaredBytes: number | undefined,
): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  const maxBytes = declaredBytes ?? limitBytes;
  let bytes = 0;
  let late: Failure | undefined;
  let cancel = (): void => undefined;
  const rate = watchRate(maxBytes, (failure) => {
    late = failure;
    cancel();
  });
  try {
    const { reader, readNext } = openReader(stream, declaredBytes, rate.count);
    cancel = () => void reader.cancel().catch(() => undefined);
    for (let chunk = await readNext(); chunk !== undefined && late === undefined; chunk = await readNext()) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        cancel();
        throw tooLarge(maxBytes);
      }
      chunks.push(chunk);
    }
  } finally {
    rate.stop();
  }
  if (late !== undefined) throw new FailureError(late);
  return joinBytes(chunks, bytes);
};

/** The value of `Content-Length`. `undefined` if it is absent or not a number. */
const readLength = (headers: Pick<Headers, "get">): number | undefined => {
  const length = headers.get("Content-Length");
  return length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
};

/**
 * Bytes that a body occupies while the client sends it: its `Content-Length`, or the limit if that is unknown. `readBody`
 * rejects a body that needs more.
 *
 * @param limitBytes The limit of the body.
 */
export const toSentBytes = (headers: Pick<Headers, "get">, limitBytes: number): number =>
  Math.min(readLength(headers) ?? limitBytes, limitBytes);

/** A body after decompression, or as it was sent if it is not valid in its encoding. */
export type DecodedBody =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly bytes: Uint8Array; readonly encoding: string };

/**
 * Reads and decompresses a body. Throws `body_too_large`, `body_timeout`, `body_too_slow` or
 * `unsupported_encoding`.
 *
 * @param limitBytes Maximum size of the body, both compressed and decompressed.
 * @param onReceived Called when a compressed body has arrived completely, before it is decompressed.
 */
export const readEncodedBody = async (
  request: Request,
  limitBytes: number,
  onReceived?: () => Promise<void>,
): Promise<DecodedBody> => {
  const declaredBytes = readLength(request.headers);
  if (declaredBytes !== undefined && declaredBytes > limitBytes) throw tooLarge(limitBytes);
  if (request.body === null) return { ok: true, bytes: new Uint8Array() };
  const codings = readCodings(request.headers);
  const [encoding = "identity"] = codings;
  const decompress = INFLATE.get(encoding);
  // A body that is compressed twice would need twice the memory.
  if (codings.length > 1 || (decompress === undefined && codings.length > 0)) {
    const shown = codings.join(", ").slice(0, MAX_SHOWN_ENCODING_LENGTH);
    throw new FailureError({ kind: "unsupported_encoding", encoding: shown });
  }
  const bytes = await collect(request.body, limitBytes, declaredBytes);
  if (decompress === undefined || bytes.byteLength === 0) return { ok: true, bytes };
  await onReceived?.();
  try {
    return { ok: true, bytes: decompress(bytes, { maxOutputLength: limitBytes }) };
  } catch (error) {
    // Both workerd and Node throw a RangeError at maxOutputLength. Malformed data throws other errors.
    if (error instanceof RangeError) throw tooLarge(limitBytes);
    return { ok: false, bytes, encoding };
  }
};

/** The decompressed body. Throws the errors of {@link readEncodedBody}, and `malformed_encoding`. */
export const readBody = async (
  request: Request,
  limitBytes: number,
  onReceived?: () => Promise<void>,
): Promise<Uint8Array> => {
  const body = await readEncodedBody(request, limitBytes, onReceived);
  if (!body.ok) throw new FailureError({ kind: "malformed_encoding", encoding: body.encoding });
  return body.bytes;
};

/** The JSON value of a body. Throws the errors of {@link readBody}, and `malformed_json`. */
export const readJson = async (request: Request, limitBytes: number): Promise<unknown> => {
  const bytes = await readBody(request, limitBytes);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new FailureError({ kind: "malformed_json" });
  }
};
