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

/** Throws as soon as the stream exceeds the limit. */
const collect = async (stream: ReadableStream<Uint8Array>, limitBytes: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return joinBytes(chunks, bytes);
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
