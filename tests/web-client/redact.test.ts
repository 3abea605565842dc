import { describe, expect, it } from "vitest";
import { MAX_BODY_LENGTH } from "#contract/wire/limits.ts";
import { redact, redactUrl } from "../../web-client/logger/event/redact.ts";
import { measureCpuMs } from "../support/measure-cpu.ts";

/** A quadratic search takes 8 s and more for these texts, a linear one less than 0.1 s. */
const MAX_MS = 2_000;

describe("redact", () => {
  it.each([
    ["a token", "sent eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln now", "sent [redacted] now"],
    ["a token after other text of the same word", "x=a-eyJhbGciOiJI.eyJz.c2ln", "x=a-[redacted]"],
    ["a token in a later part of a word", "host.eyJhbGciOiJI.eyJz.c2ln", "host.[redacted]"],
    ["a token in a query", "/cb?token=eyJhbGciOiJI.eyJz.c2ln&page=2", "/cb?token=[redacted]&page=2"],
    ["a token with a bearer scheme", "Bearer eyJhbGciOiJI.eyJz.c2ln", "[redacted]"],
    ["a header without a payload", "eyJhbGciOiJI and eyJhbGciOiJI.", "eyJhbGciOiJI and eyJhbGciOiJI."],
    ["a header that is too short", "eyJhb.eyJhb.x", "eyJhb.eyJhb.x"],
  ])("handles %s", (_name, text, expected) => {
    expect(redact(text, MAX_BODY_LENGTH)).toBe(expected);
  });

  it.each(["eyJ", "eyJ-", "eyJaaaaaaaa", "token ", "token= ", "bearer ", "password: a "])(
    "takes linear time for a text that repeats %j",
    (part) => {
      const text = `${part.repeat(MAX_BODY_LENGTH / part.length)} `;
      expect(measureCpuMs(() => redact(text, MAX_BODY_LENGTH))).toBeLessThan(MAX_MS);
    },
  );
});

describe("redactUrl", () => {
  it("redacts the values of query and fragment", () => {
    expect(redactUrl("/a?x=1&y=2?z=3#t=4")).toBe("/a?x=[redacted]&y=[redacted]#t=[redacted]");
    expect(redactUrl("/a?b?c=1")).toBe("/a?b?c=[redacted]");
  });

  it("redacts user name and password", () => {
    expect(redactUrl("https://alice:hun@ter2@host:8443/a@b?x=1")).toBe("https://[redacted]@host:8443/a@b?x=[redacted]");
    expect(redactUrl("https://alice@host")).toBe("https://[redacted]@host");
    expect(redactUrl("https://host/@alice?to=a@b")).toBe("https://host/@alice?to=[redacted]");
  });

  it.each(["?", "?a", "&", "#", "a://", "@", "a:"])("takes linear time for a URL that repeats %j", (part) => {
    expect(measureCpuMs(() => redactUrl(part.repeat(MAX_BODY_LENGTH)))).toBeLessThan(MAX_MS);
  });
});
