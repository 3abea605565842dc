/**
 * What the client cuts has to pass the server's own checks: the contract's schema is the judge.
 */
import { describe, expect, it } from "vitest";
import * as limits from "../../contract/limits.ts";
import { logEventSchema, type LogEvent } from "../../contract/log-event.ts";
import { checkAttributes } from "../../worker/src/ingest/check-attributes.ts";
import { CUT_MARK, cut } from "../src/cut.ts";
import { DROPPED_COUNT_KEY } from "../src/to-attributes.ts";
import { toEvent } from "../src/to-event.ts";
import { utf8Length } from "../src/utf8-length.ts";

const log = (detail: unknown, body: unknown = "text"): LogEvent => {
  const id = "0195d8f0-0000-7000-8000-000000000001";
  const event = toEvent({ id, atMs: 1_763_900_000_000, severity: "info", body, context: {}, detail });
  expect(event.bytes).toBe(Buffer.byteLength(event.json));
  const parsed = logEventSchema.parse(JSON.parse(event.json));
  expect(checkAttributes(parsed.attributes ?? {}, "attributes")).toBeUndefined();
  return parsed;
};

const nest = (depth: number): unknown => (depth === 0 ? "leaf" : { a: nest(depth - 1) });

describe("toEvent", () => {
  it("leaves alone what is at the limit", () => {
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

  it("cuts one past the limit, with a mark", () => {
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
    expect(JSON.stringify(event.attributes?.["deep"])).toContain("[too deep]");
    expect(Object.keys(event.attributes ?? {}).some((key) => key.endsWith(CUT_MARK))).toBe(true);
  });

  it("counts the attributes that it leaves out", () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, i]));
    const { attributes = {} } = log(many);
    expect(Object.keys(attributes)).toHaveLength(limits.MAX_ATTRIBUTE_COUNT);
    expect(attributes[DROPPED_COUNT_KEY]).toBe(200 - 127);
    expect(log({ list: Array.from({ length: 100_000 }, () => ({})) }).attributes?.[DROPPED_COUNT_KEY]).toBeGreaterThan(
      99_000,
    );
  });

  it("keeps long stack traces, and an event as a whole below half a message", () => {
    const error = new Error("m".repeat(50_000));
    expect(log(error).attributes?.["exception.message"]).toHaveLength(limits.MAX_STACKTRACE_LENGTH);
    const wide = Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`k${i}`, "\u0001".repeat(8_192)]));
    expect(utf8Length(JSON.stringify(log(wide, "\u0001".repeat(200_000))))).toBeLessThan(
      limits.MAX_MESSAGE_BYTES / 2 + 1_024,
    );
  });
});

describe("cut", () => {
  it("never leaves half a character", () => {
    expect(cut("😀".repeat(10), 10).isWellFormed()).toBe(true);
  });
});
