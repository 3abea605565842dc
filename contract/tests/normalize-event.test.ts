import { describe, expect, it } from "vitest";
import * as z from "zod";
import { ExactNumber } from "#contract/check/exact-number.ts";
import { normalizeBatch, normalizeEvent } from "#contract/check/normalize-event.ts";
import { normalizeTime } from "#contract/check/normalize-time.ts";
import { MAX_TIME_NUMBER_MS } from "#contract/wire/limits.ts";
import { logEventSchema } from "#contract/wire/log-event.ts";

const ID = "019ab0c0-1111-7000-8000-000000000001";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

describe("normalizeEvent", () => {
  it("returns an event without mistakes as it is", () => {
    const event = { id: ID, time: 1_763_888_400_000, body: "b", traceId: TRACE, spanId: SPAN, attributes: { a: null } };
    expect(normalizeEvent(event)).toEqual({ value: event, changes: [], nanos: 0 });
    expect(normalizeEvent(event).value).toBe(event);
  });

  it.each([null, 7, "text", [1]])("returns %j, which is not an object, as it is", (value) => {
    expect(normalizeEvent(value).value).toBe(value);
  });

  it.each(["id", "time", "severity", "traceId", "spanId", "attributes"])("treats an empty %s as absent", (field) => {
    for (const empty of [null, "", ...(field === "attributes" ? [[]] : [])]) {
      expect(normalizeEvent({ body: "b", [field]: empty })).toEqual({ value: { body: "b" }, changes: [], nanos: 0 });
    }
  });

  it.each<[string, unknown, string | undefined]>([
    ["upper case", TRACE.toUpperCase(), TRACE],
    ["64 bits, as in B3", "a3ce929d0e0e4736", "0000000000000000a3ce929d0e0e4736"],
    ["a UUID", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736", TRACE],
    ["AWS X-Ray", "1-4bf92f35-77b34da6a3ce929d0e0e4736", TRACE],
    ["zeros", "0".repeat(32), undefined],
    ["another text", "abc", undefined],
    ["a number", 7, undefined],
  ])("converts or omits a trace id: %s", (_, traceId, expected) => {
    const { value, changes } = normalizeEvent({ body: "b", traceId });
    expect(value).toEqual({ body: "b", traceId: expected });
    expect(changes).toEqual([expected === undefined ? "trace_id_omitted" : "trace_id_converted"]);
  });

  it("omits a span id that is not usable and keeps the trace id", () => {
    expect(normalizeEvent({ traceId: TRACE, spanId: "0".repeat(16) })).toMatchObject({
      value: { traceId: TRACE, spanId: undefined },
      changes: ["trace_id_omitted"],
    });
  });

  it.each<[string, unknown, string | undefined]>([
    ["the nil UUID", "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"],
    ["the max UUID", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"],
    ["a text", "order-7", "order-7"],
    ["a number", 7, "7"],
    ["a number beyond a double", new ExactNumber("738529527931269425"), "738529527931269425"],
    ["an object", {}, undefined],
  ])("omits an id that is not usable: %s", (_, id, claimedId) => {
    const normalized = normalizeEvent({ id, body: "b" });
    expect(normalized).toMatchObject({ value: { id: undefined, body: "b" }, changes: ["id_replaced"] });
    expect(normalized.claimedId).toBe(claimedId);
  });
});

describe("normalizeEvent converts the time", () => {
  const MS = 1_763_888_400_123;
  it.each<[string, unknown, number | string, number, boolean]>([
    ["milliseconds", MS, MS, 0, false],
    ["milliseconds with a fraction", 1_763_888_400_123.25, MS, 250_000, false],
    ["milliseconds as text", "1763888400123", MS, 0, false],
    ["seconds", 1_763_888_400, 1_763_888_400_000, 0, true],
    ["seconds with a fraction", 1_763_888_400.123_456, MS, 456_000, true],
    ["microseconds", 1_763_888_400_123_456, MS, 456_000, true],
    ["nanoseconds", new ExactNumber("1763888400123456789"), MS, 456_789, true],
    ["nanoseconds as text", "1763888400123456789", MS, 456_789, true],
    ["zero", 0, 0, 0, false],
    ["less than a millisecond", 0.001_5, 0, 1_500, false],
    ["RFC 3339", "2025-11-23T09:00:00.123Z", "2025-11-23T09:00:00.123Z", 0, false],
    ["RFC 3339 with nanoseconds", "2025-11-23T09:00:00.123456789Z", "2025-11-23T09:00:00.123456789Z", 456_789, false],
    ["RFC 3339 with 4 digits", "2025-11-23T09:00:00.1234+01:00", "2025-11-23T09:00:00.1234+01:00", 400_000, false],
    ["a space and no colon", "2025-11-23 09:00:00,5 +0200", "2025-11-23T09:00:00.5+02:00", 0, false],
    ["a T and a comma", "2025-11-23T09:00:00,123456+01:00", "2025-11-23T09:00:00.123456+01:00", 456_000, false],
    ["a T, a comma and Z", "2025-11-23T09:00:00,123Z", "2025-11-23T09:00:00.123Z", 0, false],
    ["lower case", "2025-11-23t09:00:00z", "2025-11-23T09:00:00Z", 0, false],
  ])("from %s", (_, sent, time, nanos, isConverted) => {
    expect(normalizeEvent({ time: sent })).toEqual({
      value: { time },
      changes: isConverted ? ["time_converted"] : [],
      nanos,
    });
  });

  it.each([-1, 1e21, "yesterday", true, {}, "2025-11-23 09:00:00"])("unless %j is not a time", (time) => {
    expect(normalizeEvent({ time })).toEqual({ value: { time }, changes: [], nanos: 0 });
  });
});

describe("normalizeBatch", () => {
  it("omits empty fields and an id that is not usable", () => {
    const events = [{ body: "b" }];
    expect(normalizeBatch({ v: 1, id: "", resource: [], attributes: null, events })).toEqual({
      value: { v: 1, events },
      changes: [],
    });
    expect(normalizeBatch({ v: 1, id: "b-7", events })).toEqual({ value: { v: 1, events }, changes: ["id_replaced"] });
    const batch = { v: 1, id: ID, events };
    expect(normalizeBatch(batch).value).toBe(batch);
  });
});

it("accepts in the schema no number of milliseconds that would be read as microseconds", () => {
  const schema = z.toJSONSchema(logEventSchema.shape.time) as {
    readonly anyOf: readonly { readonly maximum?: number }[];
  };
  expect(schema.anyOf[0]?.maximum).toBe(MAX_TIME_NUMBER_MS);
  const units = [MAX_TIME_NUMBER_MS, MAX_TIME_NUMBER_MS + 1].map((time) => normalizeTime(time)?.isConverted);
  expect(units).toEqual([false, true]);
});
