/**
 * Encoded events must match the contract's schema, even if the client truncated them.
 */
import { describe, expect, it } from "vitest";
import * as limits from "#contract/wire/limits.ts";
import { logEventSchema, type LogEvent } from "#contract/wire/log-event.ts";
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { copyRecord, DROPPED_COUNT_KEY } from "../../web-client/logger/event/copy-event.ts";
import { CUT_MARK, redact, redactUrl } from "../../web-client/logger/event/redact.ts";
import { utf8Length } from "../../web-client/logger/event/utf8-length.ts";
import { measureCpuMs } from "../support/measure-cpu.ts";

const log = (detail: unknown, body: unknown = "text"): LogEvent => {
  const id = "0195d8f0-0000-7000-8000-000000000001";
  const json = JSON.stringify(copyRecord({ id, severity: "info", body }, detail));
  expect(utf8Length(json)).toBe(Buffer.byteLength(json));
  const parsed = logEventSchema.parse(JSON.parse(json));
  expect(checkAttributes(parsed.attributes ?? {}, "attributes")).toBeUndefined();
  return parsed;
};

const nest = (depth: number): unknown => (depth === 0 ? "leaf" : { a: nest(depth - 1) });

describe("copyRecord", () => {
  it("does not change values at the limit", () => {
    const value = "v".repeat(limits.MAX_ATTRIBUTE_VALUE_LENGTH);
    const attributes = {
      value,
      ["k".repeat(limits.MAX_ATTRIBUTE_KEY_LENGTH)]: 1,
      deep: nest(limits.MAX_ATTRIBUTE_DEPTH - 1),
    };
    expect(log(attributes).attributes).toEqual(attributes);
    const body = "b".repeat(limits.MAX_BODY_LENGTH);
    expect(log({}, body).body).toBe(body);
  });

  it("does not read the elements of a typed array before the delivery module is loaded", () => {
    const samples = Object.assign(new Float32Array(4), {
      join: () => {
        throw new Error("joined");
      },
    });
    expect(log({ samples }).attributes).toEqual({ samples: "[object Float32Array]" });
  });

  it("cuts values above the limit, with a mark", () => {
    const event = log(
      {
        value: "v".repeat(limits.MAX_ATTRIBUTE_VALUE_LENGTH + 1),
        deep: nest(limits.MAX_ATTRIBUTE_DEPTH),
        ["k".repeat(limits.MAX_ATTRIBUTE_KEY_LENGTH + 1)]: 1,
      },
      "b".repeat(limits.MAX_BODY_LENGTH + 1),
    );
    expect(event.body).toHaveLength(limits.MAX_BODY_LENGTH);
    expect(event.body.endsWith(CUT_MARK)).toBe(true);
    expect(event.attributes?.["value"]).toMatch(/v…\[cut\]$/);
    expect(JSON.stringify(event.attributes?.["deep"])).toContain(CUT_MARK);
    expect(event.attributes?.[DROPPED_COUNT_KEY]).toBe(1); // the key that is too long
  });

  it("counts omitted attributes", () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, i]));
    const { attributes = {} } = log(many);
    expect(Object.keys(attributes)).toHaveLength(limits.MAX_ATTRIBUTE_COUNT);
    expect(attributes[DROPPED_COUNT_KEY]).toBe(200 - 127);
    expect(log({ list: Array.from({ length: 100_000 }, () => ({})) }).attributes?.[DROPPED_COUNT_KEY]).toBeGreaterThan(
      99_000,
    );
  });

  it("does not truncate long stack traces, and limits the size of the event", () => {
    const error = new Error("m".repeat(50_000));
    expect(log(error).attributes?.["exception.message"]).toHaveLength(limits.MAX_STACKTRACE_LENGTH);
    const wide = Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`k${i}`, "\u0001".repeat(8_192)]));
    const headRoom = 65_536;
    for (const event of [log(wide, "\u0001".repeat(200_000)), log({}, "\u0001".repeat(200_000))]) {
      expect(utf8Length(JSON.stringify(event))).toBeLessThan(limits.MAX_MESSAGE_BYTES - headRoom);
    }
  });

  it("redacts secrets, by names of attributes and by formats of texts", () => {
    const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVP";
    const { body, attributes } = log(
      {
        password: "hunter2",
        accessToken: "s3cr3t",
        "http.request.header.authorization": ["Basic YWxhZGRpbjpvcGVu"],
        nested: { cookie: "sid=1", api_key: 42, note: `jwt ${jwt}` },
        url: "https://x.test/cb?token=s3cr3t&page=2",
        text: '{"password": "hunter2", "n": 1}',
        "auth.method": "passkey",
        tokens: 812,
      },
      `Authorization: Bearer abcdefghijklmnop123 sent, Bearer abcdefghijklmnopqrst too, Basic understanding`,
    );
    expect(JSON.stringify({ body, attributes })).not.toMatch(/hunter2|s3cr3t|YWxh|sid=1|eyJ|abcdefgh/);
    expect(attributes).toMatchObject({
      password: "[redacted]",
      nested: { note: "jwt [redacted]" },
      url: "https://x.test/cb?token=[redacted]&page=2",
      "auth.method": "passkey",
    });
    expect(body).toContain("Basic understanding");
  });

  it("redacts a secret whose name follows the beginning of a token", () => {
    expect(log({}, "eyJhbGciOiJIUzI1NiJ9-password=hunter2, eyJhbGciOiJIUzI1NiJ9. End").body).toBe(
      "eyJhbGciOiJIUzI1NiJ9-password=[redacted], eyJhbGciOiJIUzI1NiJ9. End",
    );
  });

  it.each(["eyJ", "token", "token=", "token: a ", "bearer ", "basic", " ", "a", "eyJaaaaaaaaa."])(
    "redacts long texts of %j in linear time",
    (unit) => {
      const takenMs = measureCpuMs(() => void log({}, `. ${unit.repeat(limits.MAX_BODY_LENGTH / unit.length)}`));
      // Milliseconds if the time is linear; half a minute if it is quadratic.
      expect(takenMs).toBeLessThan(2_000);
    },
  );
});

it("does not read long values after those that fill an event", () => {
  const full = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`full${i}`, "x".repeat(9_000)]));
  const text = "token: a ".repeat(500_000);
  const long = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`long${i}`, text]));
  const takenMs = measureCpuMs(() => void log({ ...full, ...long }));
  // Several seconds if they are searched for secrets.
  expect(takenMs).toBeLessThan(500);
});

describe("redactUrl", () => {
  it("redacts the values of query and fragment, in linear time", () => {
    expect(redactUrl("/a?b=1&c?d=2#e=3&f")).toBe("/a?b=[redacted]&c?d=[redacted]#e=[redacted]&f");
    const takenMs = measureCpuMs(() => {
      for (const unit of ["?", "&", "#", "?a=", "a"]) redactUrl(unit.repeat(131_072));
    });
    expect(takenMs).toBeLessThan(2_000);
  });
});

describe("redact", () => {
  it("never cuts a text inside a character", () => {
    expect(redact("😀".repeat(10), 11)).toBe(`😀😀${CUT_MARK}`);
    expect(redact("😀".repeat(10), 10)).toBe(`😀😀${CUT_MARK}`);
  });

  it("marks a text as cut if what is left of it fits because a secret is shorter now", () => {
    expect(redact(`password=${"x".repeat(100)}`, 60)).toBe(`password=[redacted]${CUT_MARK}`);
  });

  it("cuts a text that is too long because of a redacted secret", () => {
    expect(redact("ab token=x", 10)).toHaveLength(10);
  });
});
