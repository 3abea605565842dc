import { constants, createZstdCompress, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { FailureError } from "../src/failure.ts";
import { readBody, readEncodedBody, toSentBytes } from "../src/http/read-body.ts";

const LIMIT = 1_000;

const toRequest = (body: Uint8Array | string, encoding?: string): Request =>
  new Request("http://worker/logs", {
    method: "POST",
    body: typeof body === "string" ? body : Buffer.from(body),
    headers: encoding === undefined ? {} : { "Content-Encoding": encoding },
  });

const failureOf = async (read: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await read.catch((reason: unknown) => reason);
  return error instanceof FailureError ? error.failure : error;
};

/** A frame of zstd that a decoder skips. */
const SKIPPED = Buffer.from([0x57, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2]);
const CHECKSUM = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };

/** Data whose decoder would need a window of 128 MiB. */
const stream = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 27 } });
stream.write("text");
stream.end();
const LARGE_WINDOW = await buffer(stream);

describe(readEncodedBody, () => {
  it.each([
    [undefined, "text"],
    ["identity", "text"],
    ["", "text"],
    ["gzip", gzipSync("text")],
    ["GZIP", gzipSync("text")],
    ["x-gzip", gzipSync("text")],
    ["gzip, identity", gzipSync("text")],
    ["deflate", deflateSync("text")],
    ["deflate", deflateRawSync("text")],
    ["zstd", zstdCompressSync("text")],
    ["zstd", Buffer.concat([zstdCompressSync("te"), zstdCompressSync(""), zstdCompressSync("xt")])],
    ["zstd", Buffer.concat([SKIPPED, zstdCompressSync("text", CHECKSUM), SKIPPED])],
  ] as const)("reads a body with the encoding %s", async (encoding, body) => {
    const read = await readEncodedBody(toRequest(body, encoding), LIMIT);
    expect([read.ok, Buffer.from(read.bytes).toString()]).toEqual([true, "text"]);
  });

  const streamOf = (type: "bytes" | undefined, chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> =>
    new ReadableStream({
      ...(type === undefined ? {} : { type }),
      start(controller: ReadableStreamDefaultController<Uint8Array>) {
        for (const chunk of chunks) controller.enqueue(chunk.slice());
        controller.close();
      },
    } as unknown as UnderlyingDefaultSource<Uint8Array>);
  const chunks = Array.from({ length: 200 }, (_, i) => new Uint8Array(997).fill(i));
  const all = Buffer.concat(chunks);

  it.each([
    ["bytes", undefined],
    ["bytes", all.byteLength],
    [undefined, undefined],
    [undefined, all.byteLength],
  ] as const)("reads a body of many chunks, type %s, Content-Length %s", async (type, length) => {
    const headers = new Headers(length === undefined ? {} : { "Content-Length": String(length) });
    const read = await readEncodedBody({ headers, body: streamOf(type, chunks) } as Request, all.byteLength);
    expect(Buffer.from(read.bytes).equals(all)).toBe(true);
    const tooLong = readEncodedBody(
      { headers: new Headers(), body: streamOf(type, chunks) } as Request,
      all.byteLength - 1,
    );
    expect(await failureOf(tooLong)).toMatchObject({ kind: "body_too_large" });
    const undeclared = { headers: new Headers({ "Content-Length": "1000" }), body: streamOf(type, chunks) } as Request;
    expect(await failureOf(readEncodedBody(undeclared, all.byteLength))).toEqual({
      kind: "body_too_large",
      limitBytes: 1_000,
    });
  });

  it("takes an empty body as empty, whatever its encoding", async () => {
    expect(await readEncodedBody(toRequest("", "gzip"), LIMIT)).toMatchObject({ ok: true });
  });

  it.each([
    ["gzip", Buffer.from("not gzip")],
    ["x-gzip", gzipSync("text").subarray(0, -9)],
    ["deflate", Buffer.from("not deflate")],
    ["deflate", Buffer.concat([deflateSync("a"), deflateSync("b")])],
    ["deflate", Buffer.concat([deflateRawSync("a"), deflateRawSync("b")])],
    ["deflate", Buffer.concat([deflateSync("a"), Buffer.from("\n")])],
    ["gzip", Buffer.concat([gzipSync("a"), Buffer.from("and more")])],
    ["zstd", Buffer.from("not zstd")],
    ["zstd", zstdCompressSync("text".repeat(20)).subarray(0, -2)],
    ["zstd", Buffer.concat([zstdCompressSync("text"), Buffer.from("and more")])],
    ["zstd", Buffer.concat(Array.from({ length: 65 }, () => zstdCompressSync("a")))],
    ["zstd", LARGE_WINDOW],
  ])("returns a body that is not valid %s as it was sent", async (encoding, body) => {
    const read = await readEncodedBody(toRequest(body, encoding), LIMIT);
    expect(read).toMatchObject({ ok: false, encoding });
    expect(Buffer.from(read.bytes)).toEqual(body);
  });

  it.each(["br", "compress", "gzip, gzip", "toString", "__proto__"])("refuses the encoding %s", async (encoding) => {
    expect(await failureOf(readEncodedBody(toRequest("x", encoding), LIMIT))).toEqual({
      kind: "unsupported_encoding",
      encoding: encoding.toLowerCase(),
    });
  });

  it.each([
    ["identity", "x".repeat(LIMIT + 1)],
    ["gzip", gzipSync("x".repeat(LIMIT + 1))],
    ["deflate", deflateSync("x".repeat(LIMIT + 1))],
    ["deflate", deflateRawSync("x".repeat(LIMIT + 1))],
    ["zstd", zstdCompressSync("x".repeat(LIMIT + 1))],
    ["zstd", zstdCompressSync("x".repeat(100_000_000))],
    ["zstd", Buffer.concat([zstdCompressSync("x".repeat(LIMIT)), zstdCompressSync("x")])],
  ])("refuses a body over the limit, %s", async (encoding, body) => {
    expect(await failureOf(readEncodedBody(toRequest(body, encoding), LIMIT))).toMatchObject({
      kind: "body_too_large",
    });
  });
});

describe(readBody, () => {
  it("throws for a body that is not valid in its encoding", async () => {
    expect(await failureOf(readBody(toRequest("x", "x-gzip"), LIMIT))).toEqual({
      kind: "malformed_encoding",
      encoding: "x-gzip",
    });
  });
});

describe("onReceived", () => {
  const read = async (body: Uint8Array | string, encoding?: string): Promise<number> => {
    let calls = 0;
    await readEncodedBody(toRequest(body, encoding), LIMIT, async () => {
      calls += 1;
    });
    return calls;
  };

  it("is called once for a compressed body, and never for others", async () => {
    expect(await read(gzipSync("text"), "gzip")).toBe(1);
    expect(await read("text")).toBe(0);
    expect(await read("", "gzip")).toBe(0);
  });

  it("fails the request with its error, before the body is decompressed", async () => {
    const refused = new FailureError({ kind: "overloaded" });
    const body = readEncodedBody(toRequest("not gzip", "gzip"), LIMIT, () => Promise.reject(refused));
    await expect(body).rejects.toBe(refused);
  });
});

describe(toSentBytes, () => {
  const of = (headers: Record<string, string>) => toSentBytes(new Headers(headers), LIMIT);

  it("is the declared length, and the limit for a body of unknown length", () => {
    expect(of({ "Content-Length": "100" })).toBe(100);
    expect(of({ "Content-Length": "100", "Content-Encoding": "gzip" })).toBe(100);
    expect(of({})).toBe(LIMIT);
  });

  it("is at most the limit, because a longer body is rejected", () => {
    expect(of({ "Content-Length": "5000" })).toBe(LIMIT);
  });
});
