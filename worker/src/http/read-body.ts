/**
 * Reads a request's body within a bound, before and after decompression. Never holds more than twice the bound in memory.
 */
import { gunzipSync, inflateSync } from "node:zlib";
import { joinBytes } from "../join-bytes.ts";
import { ProblemError } from "./problem.ts";

const tooLarge = (limitBytes: number): ProblemError =>
  new ProblemError({
    status: 413,
    reason: "too_large",
    detail: `The body is larger than ${limitBytes} bytes. Send smaller batches.`,
    field: "body",
    limit: limitBytes,
  });

/** Of one call, and it stops at the bound: a stream would inflate each chunk whole, a thousand times its size, first. */
const INFLATE = { gzip: gunzipSync, deflate: inflateSync } as const;

const isEncoding = (name: string): name is keyof typeof INFLATE => Object.hasOwn(INFLATE, name);

/** Bytes of `stream`, refused as soon as they pass the limit. */
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

/** The body as it was before the sender compressed it. */
export const readBody = async (request: Request, limitBytes: number): Promise<Uint8Array> => {
  if (Number(request.headers.get("Content-Length") ?? 0) > limitBytes) throw tooLarge(limitBytes);
  if (request.body === null) return new Uint8Array();
  const encoding = (request.headers.get("Content-Encoding") ?? "identity").trim().toLowerCase();
  const isPlain = encoding === "identity" || encoding === "";
  if (!isPlain && !isEncoding(encoding)) {
    throw new ProblemError({
      status: 415,
      reason: "unsupported_encoding",
      detail: `Content-Encoding "${encoding.slice(0, 40)}" is not supported; send gzip, deflate or none.`,
      field: "Content-Encoding",
    });
  }
  const body = await collect(request.body, limitBytes);
  if (isPlain) return body;
  try {
    return INFLATE[encoding](body, { maxOutputLength: limitBytes });
  } catch (error) {
    // What workerd and Node throw at maxOutputLength; what is not valid is another error.
    if (error instanceof RangeError) throw tooLarge(limitBytes);
    throw new ProblemError({
      status: 400,
      reason: "unsupported_encoding",
      detail: `The body is not valid ${encoding}.`,
      field: "Content-Encoding",
    });
  }
};
