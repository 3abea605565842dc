/**
 * Reads a request body up to a size limit, which applies before and after decompression. Memory use stays below twice the
 * limit.
 */
import { gunzipSync, inflateSync } from "node:zlib";
import { FailureError } from "../failure.ts";
import { joinBytes } from "../join-bytes.ts";

const MAX_SHOWN_ENCODING_LENGTH = 40;

const tooLarge = (limitBytes: number): FailureError => new FailureError({ kind: "body_too_large", limitBytes });

/**
 * Synchronous, because these functions stop at `maxOutputLength`. A decompression stream inflates each chunk completely,
 * up to a thousand times its size, before the output can be counted.
 */
const INFLATE = { gzip: gunzipSync, deflate: inflateSync } as const;

const isSupported = (encoding: string): encoding is keyof typeof INFLATE => Object.hasOwn(INFLATE, encoding);

/** How long a client may take to send a body, which occupies memory that other requests wait for. */
const MAX_BODY_SECONDS = 30;

/** Throws as soon as the stream exceeds the limit. */
const collect = async (stream: ReadableStream<Uint8Array>, limitBytes: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let isLate = false;
  const reader = stream.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  const timer = setTimeout(() => {
    isLate = true;
    cancel();
  }, MAX_BODY_SECONDS * 1_000);
  try {
    for (let read = await reader.read(); !read.done && !isLate; read = await reader.read()) {
      bytes += read.value.byteLength;
      if (bytes > limitBytes) {
        cancel();
        throw tooLarge(limitBytes);
      }
      chunks.push(read.value);
    }
  } finally {
    clearTimeout(timer);
  }
  if (isLate) throw new FailureError({ kind: "body_timeout", limitSeconds: MAX_BODY_SECONDS });
  return joinBytes(chunks, bytes);
};

/**
 * Bytes that a body occupies: as sent, and again after decompression. `readBody` rejects a body that needs more.
 *
 * @param limitBytes The limit of the body, as sent and after decompression.
 */
export const toBodyBytes = (headers: Pick<Headers, "get" | "has">, limitBytes: number): number => {
  const length = headers.get("Content-Length");
  const sentBytes = length !== null && /^\d+$/.test(length) ? Math.min(Number(length), limitBytes) : limitBytes;
  return headers.has("Content-Encoding") ? sentBytes + limitBytes : sentBytes;
};

/**
 * The decompressed body. Throws `body_too_large`, `unsupported_encoding` or `malformed_encoding`.
 *
 * @param limitBytes Maximum size of the body, both compressed and decompressed.
 */
export const readBody = async (request: Request, limitBytes: number): Promise<Uint8Array> => {
  if (Number(request.headers.get("Content-Length") ?? 0) > limitBytes) throw tooLarge(limitBytes);
  if (request.body === null) return new Uint8Array();
  const encoding = (request.headers.get("Content-Encoding") ?? "identity").trim().toLowerCase();
  const isPlain = encoding === "identity" || encoding === "";
  if (!isPlain && !isSupported(encoding)) {
    throw new FailureError({ kind: "unsupported_encoding", encoding: encoding.slice(0, MAX_SHOWN_ENCODING_LENGTH) });
  }
  const body = await collect(request.body, limitBytes);
  if (isPlain) return body;
  try {
    return INFLATE[encoding](body, { maxOutputLength: limitBytes });
  } catch (error) {
    // Both workerd and Node throw a RangeError at maxOutputLength. Malformed data throws other errors.
    if (error instanceof RangeError) throw tooLarge(limitBytes);
    throw new FailureError({ kind: "malformed_encoding", encoding });
  }
};
