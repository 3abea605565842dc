/**
 * ECS lines, and properties of all decoders of other formats.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_ATTRIBUTE_VALUE_LENGTH } from "#contract/wire/limits.ts";
import { decode } from "../src/ingest/decode.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";
import { validateEvent } from "../src/ingest/validate-event.ts";

const STAMP = "019ab0a5-4a00-7000-8000-0000000000aa";

const plan = (payload: object) => {
  const bytes = new TextEncoder().encode(JSON.stringify(payload));
  const { events } = planDelivery({ stamp: STAMP, transport: "mqtt", app: "shop", payload: bytes }, 30);
  return events.map(({ kind, newDocument }) => ({ kind, ...JSON.parse(newDocument.source) }));
};

describe("ECS", () => {
  const ecs = (changes: object): object => ({
    "@timestamp": "2026-11-28T20:40:00.123Z",
    "log.level": "INFO",
    message: "m",
    ...changes,
  });

  it.each([
    ["an unknown level", { "log.level": "loud" }, { attributes: { "log.level": "loud" } }],
    [
      "the name of a level that is not ours",
      { "log.level": "SEVERE" },
      { severity: { text: "error" }, attributes: { "log.level": "SEVERE" } },
    ],
    ["a level as a number", { "log.level": 30 }, { attributes: { "log.level": 30 } }],
    [
      "a time without a zone",
      { "@timestamp": "2026-11-28 20:40:00,123" },
      { attributes: { "@timestamp": "2026-11-28 20:40:00,123" } },
    ],
    [
      "a trace id of 64 bits",
      { "trace.id": "00f067aa0ba902b7" },
      { traceId: "000000000000000000f067aa0ba902b7", edgelog: { changes: ["trace_id_converted"] } },
    ],
    ["a message that is an object", { message: { a: 1 } }, { body: '{"a":1}' }],
    [
      "an error without a message",
      { message: undefined, "error.message": "boom" },
      { body: "boom", exception: { message: "boom" } },
    ],
    ["a stack trace as a list", { "error.stack_trace": ["a", "b"] }, { exception: { stacktrace: "a\nb" } }],
    [
      "a name dotted and nested",
      { "log.logger": "a", log: { logger: "b" } },
      { log: { logger: "a" }, attributes: { "log.logger_2": "b" } },
    ],
    [
      "a name in three forms",
      { "event.a.b": 1, event: { "a.b": 2, a: { b: 3 } } },
      { attributes: { "event.a.b": 1, "event.a.b_2": 2, "event.a.b_3": 3 } },
    ],
    ["labels", { labels: { a: "b" } }, { attributes: { labels: { a: "b" } } }],
    [
      "service fields",
      { service: { node: { name: "n1" }, state: "up" } },
      { resource: { attributes: { "service.instance.id": "n1", "service.state": "up" } } },
    ],
    [
      "a field that is ours already",
      { "thread.name": "x", "process.thread.name": "y" },
      { thread: { name: "x" }, attributes: { "process.thread.name": "y" } },
    ],
    ["a service that is text", { service: "shop" }, { attributes: { service: "shop" } }],
  ])("keeps %s", (_, changes, expected) => {
    expect(plan(ecs(changes))[0]).toMatchObject({ kind: "log", edgelog: { dialect: "ecs" }, ...expected });
  });

  it.each([
    ["2026-11-28T20:40:00.123Z", "2026-11-28T20:40:00.123Z"],
    ["2026-11-28T21:40:00.123+0100", "2026-11-28T20:40:00.123Z"],
    ["2026-11-28T20:40:00.123456789Z", "2026-11-28T20:40:00.123456789Z"],
    ["2026-11-28 20:40:00,123Z", "2026-11-28T20:40:00.123Z"],
    [1_795_898_400_123, "2026-11-28T20:40:00.123Z"],
    [1_795_898_400, "2026-11-28T20:40:00.000Z"],
    ["1795898400123", "2026-11-28T20:40:00.123Z"],
  ])("reads the time %j", (time, timestamp) => {
    const [log] = plan(ecs({ "@timestamp": time }));
    expect(log.edgelog.claimedTime ?? log["@timestamp"]).toBe(timestamp);
  });

  it("shortens a long stack trace", () => {
    const [log] = plan(ecs({ "error.stack_trace": "x".repeat(50_000) }));
    expect(log).toMatchObject({
      kind: "log",
      edgelog: { shortened: [{ field: "attributes.exception.stacktrace", length: 50_000 }] },
    });
  });
});

describe("any flutter_logs or ECS payload", () => {
  const anyValue = fc.oneof(fc.jsonValue({ maxDepth: 12 }), fc.string({ maxLength: MAX_ATTRIBUTE_VALUE_LENGTH + 10 }));
  const anyFields = fc.dictionary(
    fc.oneof(
      fc.constantFrom(
        "message",
        "labels",
        "log.level",
        "geo",
        "user",
        "host",
        "app",
        "error.type",
        "error.message",
        "error.stack_trace",
        "log.origin",
        "trace.id",
        "log",
        "error",
        "service",
        "@timestamp",
        "span.id",
        "__proto__",
      ),
      fc.string(),
    ),
    anyValue,
    { maxKeys: 200 },
  );

  it.each([
    ["flutter_json", { labels: "{}", "log.level": "INFO", "log.logger": "PLogger" }],
    ["ecs", { "ecs.version": "1.2.0" }],
  ])("of %s becomes one valid event", (dialect, fixed) => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        delete fields["@timestamp"];
        delete fields["events"];
        const decoded = decode(new TextEncoder().encode(JSON.stringify({ ...fields, ...fixed })));
        if (!decoded.ok) throw new Error(decoded.violation.message);
        const [event] = decoded.value.events;
        if (event?.ok !== true) throw new Error("no event");
        expect(event.dialect).toBe(dialect);
        expect(validateEvent(event.value)).toMatchObject({ ok: true });
      }),
      { numRuns: 300 },
    );
  });
});
