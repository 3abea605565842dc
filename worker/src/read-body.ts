/**
 * Reads a request's body within a bound, before and after decompression. Never holds more than the bound in memory.
 */
import { ProblemError } from "./problem.ts";

const tooLarge = (limitBytes: number): ProblemError =>
  new ProblemError({
    status: 413,
    reason: "too_large",
    detail: `The body is larger than ${limitBytes} bytes. Send smaller batches.`,
    field: "body",
    limit: limitBytes,
  });

const FORMATS: Readonly<Record<string, "gzip" | "deflate">> = { gzip: "gzip", deflate: "deflate" };

/** Bytes of `stream`, refused as soon as they pass the limit. */
const collect = async (stream: ReadableStream<Uint8Array>, limitBytes: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const whole = new Uint8Array(bytes);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
};

/** The body as it was before the sender compressed it. */
export const readBody = async (request: Request, limitBytes: number): Promise<Uint8Array> => {
  if (Number(request.headers.get("Content-Length") ?? 0) > limitBytes) throw tooLarge(limitBytes);
  if (request.body === null) return new Uint8Array();
  const encoding = (request.headers.get("Content-Encoding") ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") return await collect(request.body, limitBytes);
  const format = FORMATS[encoding];
  if (format === undefined) {
    throw new ProblemError({
      status: 415,
      reason: "unsupported_encoding",
      detail: `Content-Encoding "${encoding.slice(0, 40)}" is not supported; send gzip, deflate or none.`,
      field: "Content-Encoding",
    });
  }
  try {
    return await collect(request.body.pipeThrough(new DecompressionStream(format)), limitBytes);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError({
      status: 400,
      reason: "unsupported_encoding",
      detail: `The body is not valid ${format}.`,
      field: "Content-Encoding",
    });
  }
};
