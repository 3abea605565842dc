import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DIALECTS, isGzip, recognizePayload, type Dialect } from "#contract/wire/dialect.ts";

const recognize = (text: string) => recognizePayload(new TextEncoder().encode(text));

/** A payload that only this dialect matches. */
const EXAMPLES: Readonly<Record<Dialect, string>> = {
  text: "Started\n",
  flutter_text: "{tag}  {sub}  {Started}  {05 June 2022 05:04:35 PM}  {INFO}",
  batch: '{"v":1,"events":[]}',
  flutter_json: '{"log.level":"INFO","message":"Started","process.thread.name":"main"}',
  event: '{"body":"Started"}',
};

describe("recognizePayload", () => {
  it.each(Object.entries(EXAMPLES))("recognizes %s", (dialect, text) => {
    expect(recognize(text)).toMatchObject({ ok: true, dialect, input: DIALECTS[dialect as Dialect].input });
  });

  it("removes one line break at the end of a text", () => {
    expect(recognize("a\r\n\r\n")).toMatchObject({ text: "a\r\n" });
  });

  it("returns the events of a JSON array and of NDJSON", () => {
    const events = [
      { ok: true, value: { body: "a" } },
      { ok: true, value: 1 },
    ];
    expect(recognize('[{"body":"a"},1]')).toEqual({ ok: true, input: "list", dialect: "event", events });
    expect(recognize('{"body":"a"}\n\n1\n')).toEqual({ ok: true, input: "list", dialect: "event", events });
  });

  it("reports an invalid line of NDJSON with the line", () => {
    expect(recognize('{"body":"a"}\n{"body')).toMatchObject({
      events: [{ ok: true }, { ok: false, raw: '{"body', violation: { reason: "invalid_json" } }],
    });
  });

  it.each([
    ["", "empty_payload"],
    [" \n", "empty_payload"],
    ["[]", "empty_payload"],
    ["{", "invalid_json"],
    ["{\n{", "invalid_json"],
    ['{"a":1}', "unknown_shape"],
    ["[".repeat(33), "too_deep"],
  ])("rejects %j as %s", (text, reason) => {
    expect(recognize(text)).toMatchObject({ ok: false, violation: { reason } });
  });

  it("rejects bytes that are not UTF-8", () => {
    expect(recognizePayload(Uint8Array.of(0x7b, 0xff))).toMatchObject({ violation: { reason: "not_utf8" } });
  });

  it("returns a result for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(typeof recognizePayload(bytes).ok).toBe("boolean");
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("isGzip", () => {
  it("is false for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(isGzip(new TextEncoder().encode(text))).toBe(false);
      }),
    );
  });

  it("is true for a gzip header", () => {
    expect(isGzip(Uint8Array.of(0x1f, 0x8b, 8))).toBe(true);
  });
});
