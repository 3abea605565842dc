/**
 * The decoders of flutter_logs: a log is not rejected because of what a decoder makes of it, no value is lost or replaced, and
 * what is shortened is listed.
 */
import { describe, expect, it } from "vitest";
import { validFixtures } from "../../contract/tests/fixtures.ts";
import { MAX_ATTRIBUTE_COUNT, MAX_BODY_LENGTH, MAX_STACKTRACE_LENGTH } from "#contract/wire/limits.ts";
import { decode } from "../src/ingest/decode.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const STAMP = "019ab0a5-4a00-7000-8000-0000000000aa";

const plan = (payload: string | object) => {
  const bytes = new TextEncoder().encode(typeof payload === "string" ? payload : JSON.stringify(payload));
  const { events } = planDelivery({ stamp: STAMP, transport: "mqtt", app: "shop", payload: bytes }, 30);
  return events.map(({ kind, newDocument }) => ({ kind, ...JSON.parse(newDocument.source) }));
};

const flutterPayload = (changes: object = {}): object => {
  const fixture = validFixtures.find(({ name }) => name === "flutter-error");
  return { ...JSON.parse(new TextDecoder().decode(fixture?.bytes)), ...changes };
};

const values = (count: number): Readonly<Record<string, number>> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));

const countLeaves = (value: unknown): number =>
  typeof value === "object" && value !== null
    ? Object.values(value).reduce((sum: number, each) => sum + countLeaves(each), 0)
    : 1;

describe("flutter_logs is recognized by fields that only it sends", () => {
  it.each([
    [
      "logback-ecs",
      { "@timestamp": "2026-11-28T20:40:00.123Z", "log.level": "WARN", message: "x", "process.thread.name": "main" },
    ],
    [
      "a logger named PLogger in ECS",
      {
        "@timestamp": "2026-11-28T20:40:00.123Z",
        "log.level": "WARN",
        message: "x",
        "log.logger": "PLogger",
        labels: {},
      },
    ],
    ["ECS without a time", { "log.level": "WARN", message: "x", "process.thread.name": "main" }],
  ])("%s is ECS", (_, payload) => {
    expect(plan(payload)[0]).toMatchObject({ kind: "log", severity: { text: "warn" }, edgelog: { dialect: "ecs" } });
  });

  it("its own payload is flutter_json", () => {
    expect(plan(flutterPayload())[0]).toMatchObject({ edgelog: { dialect: "flutter_json" } });
  });
});

describe("a flutter_logs payload over a limit is stored and marked", () => {
  it.each([100, 120, 121, 128, 129, 300])("message: JSON with %d values", (count) => {
    const message = JSON.stringify(values(count));
    const [log] = plan(flutterPayload({ message }));
    expect(log).toMatchObject({ kind: "log", body: message });
    expect(countLeaves(log.attributes)).toBeLessThanOrEqual(MAX_ATTRIBUTE_COUNT);
    const omitted = count - Object.keys(log.attributes.message).length;
    expect(log.edgelog.shortened).toEqual(omitted === 0 ? undefined : [{ field: "attributes.message", omitted }]);
    expect(omitted > 0).toBe(count > MAX_ATTRIBUTE_COUNT - 10);
  });

  it.each([
    [
      "a long value in the JSON of message",
      { message: JSON.stringify({ a: "v".repeat(9_000), b: 1 }) },
      "attributes.message.a",
      9_000,
    ],
    ["a long message", { message: "m".repeat(MAX_BODY_LENGTH + 1) }, "body", MAX_BODY_LENGTH + 1],
    [
      "a long stack trace",
      { "error.stack_trace": ["s".repeat(MAX_STACKTRACE_LENGTH + 1)] },
      "attributes.exception.stacktrace",
      MAX_STACKTRACE_LENGTH + 1,
    ],
    ["long labels", { labels: "l".repeat(9_000) }, "attributes.labels", 9_000],
    ["a long tag", { "service.name": "t".repeat(9_000), "log.origin": {} }, "attributes.log.tag", 9_000],
    ["a long device name", { host: { "host.name": "h".repeat(40_000) } }, "resource.device.name", 40_000],
    ["a long key", { message: JSON.stringify({ ["k".repeat(200)]: 1 }) }, `attributes.message.${"k".repeat(61)}…`, 200],
  ])("%s", (_, changes, field, length) => {
    const [log] = plan(flutterPayload(changes));
    expect(log).toMatchObject({ kind: "log", edgelog: { dialect: "flutter_json", shortened: [{ field, length }] } });
    expect(log.severity.text).toBe("error");
  });

  it("deep JSON in message: a tree below the maximum depth becomes text", () => {
    let message = "1";
    for (let i = 0; i < 20; i += 1) message = `{"a":${message}}`;
    const [log] = plan(flutterPayload({ message }));
    expect(log).toMatchObject({ kind: "log", body: message });
    expect(JSON.stringify(log.attributes.message)).toContain(String.raw`"{\"a\":{`);
  });

  it("plain text: a long message", () => {
    const [log] = plan(`{t}  {s}  {${"m".repeat(200_000)}}  {05 June 2022 05:04:35 PM}  {SEVERE}`);
    expect(log).toMatchObject({
      kind: "log",
      severity: { text: "fatal" },
      edgelog: { shortened: [{ field: "body", length: 200_000 }] },
    });
    expect(log.body).toHaveLength(MAX_BODY_LENGTH);
    expect(log.body.endsWith("…")).toBe(true);
  });

  it("a text that is cut: the document has its rest", () => {
    const message = Array.from({ length: 40_000 }, (_, i) => `word${i}`).join(" ");
    const [log] = plan(flutterPayload({ message }));
    expect(log.body.slice(0, -1) + log.edgelog.shortened[0].rest).toBe(message);
  });

  it("does not cut a surrogate pair into halves", () => {
    for (const prefix of ["", "x"]) {
      const [log] = plan(flutterPayload({ message: prefix + "😀".repeat(70_000) }));
      expect(log.body.isWellFormed()).toBe(true);
    }
  });

  it("more attributes than an event may have: the rest is the text of one attribute", () => {
    const [log] = plan({ ...flutterPayload(), ...values(200) });
    expect(log.kind).toBe("log");
    expect(countLeaves(log.attributes)).toBeLessThanOrEqual(MAX_ATTRIBUTE_COUNT);
    const omitted = JSON.parse(log.attributes["edgelog.omitted"]);
    expect({ ...omitted, ...log.attributes }).toMatchObject(values(200));
    expect(log.edgelog.shortened).toEqual([{ field: "attributes", omitted: Object.keys(omitted).length }]);
  });
});

describe("each optional value of flutter_logs is kept", () => {
  it.each([
    ["labels as text", { labels: "beta tester" }, { attributes: { labels: "beta tester" } }],
    ["labels as JSON", { labels: '{"ring":"beta"}' }, { attributes: { labels: { ring: "beta" } } }],
    ["labels as a list", { labels: "[1]" }, { attributes: { labels: "[1]" } }],
    [
      "a position with decimal commas",
      { geo: { "geo.location": '{ "lon": 13,4, "lat": -52,5 }' } },
      { geo: { location: { lat: -52.5, lon: 13.4 } } },
    ],
    [
      "a position with whole numbers",
      { geo: { "geo.location": '{ "lon": 13, "lat": 52 }' } },
      { geo: { location: { lat: 52, lon: 13 } } },
    ],
    [
      "a position in other digits",
      { geo: { "geo.location": '{ "lon": ١٣٫٤, "lat": ٥٢٫٥ }' } },
      { attributes: { "geo.location": '{ "lon": ١٣٫٤, "lat": ٥٢٫٥ }' } },
    ],
    [
      "a position with an altitude",
      { geo: { "geo.location": '{"lon":1,"lat":2,"alt":3}' } },
      { attributes: { "geo.location": '{"lon":1,"lat":2,"alt":3}' } },
    ],
    ["a trace id", { "trace.id": "4BF92F3577B34DA6A3CE929D0E0E4736" }, { traceId: "4bf92f3577b34da6a3ce929d0e0e4736" }],
    ["another trace id", { "trace.id": "order-7" }, { attributes: { "trace.id": "order-7" } }],
    [
      "an unknown level",
      { "log.level": "ASSERT" },
      { severity: { text: "info" }, attributes: { "log.level": "ASSERT" } },
    ],
    ["a level that is a number", { "log.level": 5 }, { attributes: { "log.level": 5 } }],
    ["VERBOSE", { "log.level": "VERBOSE" }, { severity: { text: "trace" } }],
    ["FATAL", { "log.level": "FATAL" }, { severity: { text: "fatal" } }],
    [
      "function and line",
      { "log.origin": { "file.name": "T", function: "f", "file.line": 7 } },
      { code: { function: { name: "f" }, line: { number: 7 } }, log: { tag: "T" } },
    ],
    [
      "a file name besides the tag",
      { "service.name": "S", "log.origin": { "file.name": "T" } },
      { log: { tag: "T" }, attributes: { "service.name": "S" } },
    ],
    ["an unknown field", { extra: "", list: [] }, { attributes: { extra: "", list: [] } }],
    ["an unknown field of a group", { user: { "user.plan": "gold" } }, { attributes: { "user.plan": "gold" } }],
    [
      "a key twice",
      { user: { "user.id": "1" }, "user.id": "2" },
      { user: { id: "1" }, attributes: { "user.id_2": "2" } },
    ],
    ["a group that is text", { host: "phone" }, { attributes: { host: "phone" } }],
    ["an object as message", { message: { a: 1 } }, { body: '{"a":1}' }],
  ])("%s", (_, changes, expected) => {
    const [log] = plan(flutterPayload(changes));
    expect(log).toMatchObject({ kind: "log", ...expected });
  });

  it("__proto__ is an ordinary key", () => {
    const text = JSON.stringify(flutterPayload({ message: "m" })).replace('"labels"', '"__proto__":{"a":1},"labels"');
    const [event] = decodeAll(text);
    expect(JSON.stringify(event)).toContain('"__proto__":{"a":1}');
  });
});

const decodeAll = (text: string): readonly unknown[] => {
  const decoded = decode(new TextEncoder().encode(text));
  return decoded.ok
    ? decoded.value.events.map((event) => (event.ok ? event.value : event.violation))
    : [decoded.violation];
};

describe("an error of flutter_logs without an exception", () => {
  it("has no exception, so its group has the title of the message", () => {
    const [log] = plan(flutterPayload({ "error.message": "", "error.stack_trace": [] }));
    expect(log.exception).toBeUndefined();
    expect(log.error.grouping_key).toMatch(/-/);
    expect(log.attributes["error.type"]).toBe("ERROR");
  });
});
