/**
 * The JSON lines of common loggers, as their documentation or their source shows them.
 */
import { Writable } from "node:stream";
import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { JSON_LINE_FORMATS } from "#contract/wire/json-line-formats.ts";
import { decode } from "../src/ingest/decode.ts";
import { decodeJsonLine } from "../src/ingest/decoders/json-line.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";
import { validateEvent } from "../src/ingest/validate-event.ts";
import { JSON_LINE_ROWS, level } from "./support/json-line-rows.ts";
import { LOGGER_KEY_ROWS } from "./support/logger-key-rows.ts";
import { LOGGER_OPTION_ROWS } from "./support/logger-option-rows.ts";

const STAMP = "019ab0a5-4a00-7000-8000-0000000000aa";

const plan = (payload: string | object) => {
  const bytes = new TextEncoder().encode(typeof payload === "string" ? payload : JSON.stringify(payload));
  const { events } = planDelivery({ stamp: STAMP, transport: "http", app: "shop", payload: bytes }, 365);
  return events.map(({ kind, newDocument }) => ({ kind, ...JSON.parse(newDocument.source) }));
};

describe("the lines of", () => {
  it.each([...JSON_LINE_ROWS, ...LOGGER_OPTION_ROWS, ...LOGGER_KEY_ROWS])("%s", (_, line, expected) => {
    expect(plan(line)).toMatchObject([{ kind: "log", ...expected }]);
  });

  it("a running pino", () => {
    const lines: string[] = [];
    const logger = pino(
      { name: "shop" },
      new Writable({
        write(chunk, _encoding, done) {
          lines.push(String(chunk));
          done();
        },
      }),
    );
    logger.info({ cart: { items: 3 } }, "opened %s", "cart");
    logger.child({ requestId: "r-1" }).fatal(new TypeError("price is undefined"), "crashed");
    logger.trace("not written");
    const logs = plan(`Debugger attached.\n${lines.join("")}`);
    expect(logs).toMatchObject([
      { body: "Debugger attached." },
      { body: "opened cart", ...level("info"), attributes: { cart: { items: 3 } }, edgelog: { dialect: "pino" } },
      {
        body: "crashed",
        ...level("fatal"),
        exception: { type: "TypeError", message: "price is undefined", stacktrace: expect.stringContaining("at ") },
        attributes: { requestId: "r-1" },
      },
    ]);
  });
});

describe("lines of containers and of syslog", () => {
  const CRI = "2025-11-23T09:00:00.123456789Z";
  it.each([
    [
      "CRI",
      `${CRI} stderr F plain text`,
      {
        "@timestamp": expect.stringMatching(/^2025-11-23T09:00:00\.123/),
        body: "plain text",
        attributes: { "log.iostream": "stderr" },
      },
    ],
    ["CRI in parts", `${CRI} stdout P one \n${CRI} stdout P two \n${CRI} stdout F three`, { body: "one two three" }],
    [
      "CRI with a line of a logger",
      `${CRI} stdout F {"level":"warn","msg":"slow","order":7}`,
      {
        body: "slow",
        ...level("warn"),
        attributes: { order: 7, "log.iostream": "stdout" },
        edgelog: { dialect: "json_line" },
      },
    ],
    ["CRI with JSON that is not an event", `${CRI} stdout F {"a":1}`, { body: '{"a":1}', edgelog: { dialect: "cri" } }],
    [
      "CRI with an object that is not a valid event",
      `${CRI} stdout F {"id":42,"name":"x"}`,
      { body: '{"id":42,"name":"x"}', edgelog: { dialect: "cri" } },
    ],
    [
      "Docker with an object that is not a valid event",
      { log: '{"severity":"INFO","text":"x"}\n', stream: "stdout", time: "2025-11-23T10:00:00Z" },
      { body: '{"severity":"INFO","text":"x"}', edgelog: { dialect: "docker" } },
    ],
    [
      "Docker with an event that has an unknown field",
      { log: '{"body":"hi","user":"bob"}\n', stream: "stdout", time: "2025-11-23T10:00:00Z" },
      { body: '{"body":"hi","user":"bob"}', edgelog: { dialect: "docker" } },
    ],
    [
      "Docker with an event",
      { log: '{"body":"hi","severity":"warn"}\n', stream: "stdout", time: "2025-11-23T10:00:00Z" },
      { body: "hi", ...level("warn"), "@timestamp": "2025-11-23T10:00:00.000Z" },
    ],
    [
      "Docker with a line of pino",
      { log: '{"level":50,"time":1763888400123,"msg":"x"}\n', stream: "stderr", time: "2025-11-23T10:00:00Z" },
      {
        "@timestamp": "2025-11-23T09:00:00.123Z",
        body: "x",
        ...level("error"),
        attributes: { "log.iostream": "stderr" },
      },
    ],
    [
      "CRI with a line of pino that has a field `body`",
      `${CRI} stdout F {"level":50,"time":1763888400123,"body":{"card":"x"},"events":3,"msg":"failed"}`,
      {
        body: "failed",
        ...level("error"),
        attributes: { body: { card: "x" }, events: 3 },
        edgelog: { dialect: "pino" },
      },
    ],
    [
      "Docker with a line of zerolog without a message",
      { log: '{"level":"error","order":7,"time":1763888400}\n', stream: "stderr", time: "2025-11-23T10:00:00Z" },
      { "@timestamp": "2025-11-23T09:00:00.000Z", ...level("error"), attributes: { order: 7 } },
    ],
    [
      "CRI with a line that has a duration in the field `time`",
      `${CRI} stdout F {"level":"info","msg":"GET /","time":12}`,
      { "@timestamp": expect.stringMatching(/^2025-11-23T09:00:00\.123/), body: "GET /", attributes: { time: 12 } },
    ],
    [
      "syslog, RFC 5424, example 3",
      String.raw`<165>1 2025-11-23T09:00:00.123Z mymachine.example.com evntslog 7 ID47 [exampleSDID@32473 iut="3" eventSource="App\"li\]cation" eventID="1011"][b@1] An application event`,
      {
        "@timestamp": "2025-11-23T09:00:00.123Z",
        body: "An application event",
        ...level("info"),
        resource: { host: { name: "mymachine.example.com" }, service: { name: "evntslog" } },
        attributes: {
          "syslog.facility.code": 20,
          "process.pid": "7",
          "syslog.msg.id": "ID47",
          "syslog.structured_data": {
            "exampleSDID@32473": { iut: "3", eventSource: 'App"li]cation', eventID: "1011" },
            "b@1": {},
          },
        },
      },
    ],
    [
      "syslog with a parameter that is repeated",
      '<11>1 - - - - - [origin ip="192.0.2.1" ip="192.0.2.129" x="1"][b][origin ip="192.0.2.2"] a',
      {
        attributes: { "syslog.structured_data": { origin: { ip: ["192.0.2.1", "192.0.2.129", "192.0.2.2"], x: "1" } } },
      },
    ],
    ["syslog without a message", "<11>1 - - - - - -", { body: "", ...level("error") }],
  ])("%s", (_, line, expected) => {
    expect(plan(line)).toMatchObject([{ kind: "log", ...expected }]);
  });
});

describe("values that are kept", () => {
  it("a list that is nested too deeply in a line of a logger does not make the line a batch", () => {
    const events = `${"[".repeat(40)}${"]".repeat(40)}`;
    expect(plan(`{"level":30,"time":1763888400123,"pid":7,"hostname":"h","msg":"x","events":${events}}`)).toMatchObject(
      [{ kind: "rejected", reason: "too_deep" }],
    );
  });

  it("exact numbers as the message have no quotes", () => {
    expect(plan('{"level":30,"time":1763888400123,"msg":12345678901234567890}')).toMatchObject([
      { body: "12345678901234567890" },
    ]);
  });

  it("texts of `@r` are those of the values with a format in a template of CLEF", () => {
    const line = { "@t": "2025-11-23T09:00:00Z", Count: 7, Name: "a", Ms: 1.23456 };
    expect(plan({ ...line, "@mt": "{Count:000} {Name} {Ms:0.00} {Ms:0}", "@r": ["007", "1.23"] })).toMatchObject([
      { body: "007 a 1.23 1.23456" },
    ]);
  });

  it("exact numbers of ECS", () => {
    expect(plan('{"log.level":"INFO","message":12345678901234567890,"user":12345678901234567891}')).toMatchObject([
      { body: "12345678901234567890", attributes: { user: "12345678901234567891" } },
    ]);
  });

  it("fields of Rust tracing whose names are taken", () => {
    const fields = { message: "x", level: "5", target: "t2" };
    expect(plan({ timestamp: "2025-11-23T09:00:00Z", level: "ERROR", target: "app::db", fields })).toMatchObject([
      {
        body: "x",
        ...level("error"),
        log: { logger: "app::db" },
        attributes: { "fields.level": "5", "fields.target": "t2" },
      },
    ]);
  });

  it("nested fields of winston-elasticsearch, of which those with a meaning are lifted", () => {
    const traceId = "5b8efff798038103d269b633813fc60c";
    const error = { name: "TypeError", message: "no card", stack: "TypeError: no card\n    at pay" };
    const fields = { trace_id: traceId, error, service: "checkout", order: 7, message: "x" };
    expect(plan({ "@timestamp": "2025-11-23T09:00:00Z", message: "failed", severity: "error", fields })).toMatchObject([
      {
        body: "failed",
        ...level("error"),
        traceId,
        exception: { type: "TypeError", message: "no card", stacktrace: error.stack },
        resource: { service: { name: "checkout" } },
        attributes: { fields: { order: 7, message: "x" } },
      },
    ]);
  });

  it("fields of Filebeat, which has no severity, stay where they are", () => {
    const fields = { service: "checkout" };
    const [log] = plan({ "@timestamp": "2025-11-23T09:00:00Z", message: "x", fields });
    expect(log).toMatchObject({ attributes: { fields } });
    expect(log.resource?.service).toBeUndefined();
  });

  it("keys that are equal where they are cut have different names", () => {
    const prefix = "k".repeat(127);
    const fields = {
      [`${prefix}ab`]: 1,
      [`${prefix}cd`]: 2,
      [`${prefix}…`]: 3,
      tree: { [`${prefix}ab`]: 4, [`${prefix}cd`]: 5 },
    };
    const [log] = plan({ level: "info", message: "x", ...fields });
    const cut = { [`${prefix}…`]: expect.any(Number), [`${"k".repeat(125)}…_2`]: expect.any(Number) };
    expect(log.attributes).toEqual({ ...cut, [`${"k".repeat(125)}…_3`]: 3, tree: cut });
    expect(log.edgelog.shortened).toContainEqual({ field: expect.any(String), length: 129, rest: "kkcd" });
  });

  it.each([
    ["zap", { level: "info", ts: 1_763_888_400.123456, msg: "x" }, 456_000],
    ["journald", { MESSAGE: "x", __REALTIME_TIMESTAMP: "1763888400123456" }, 456_000],
    ["nanoseconds", '{"level":"info","time":1763888400123456789,"msg":"x"}', 456_789],
    ["milliseconds", { level: "info", time: 1_763_888_400_123, msg: "x" }, undefined],
  ])("digits after the milliseconds: %s", (_, line, nanos) => {
    const [log] = plan(line);
    expect(log).toMatchObject({ kind: "log", "@timestamp": expect.stringMatching(/^2025-11-23T09:00:00\.123/) });
    expect(log.edgelog.nanos).toBe(nanos);
    expect(log.edgelog.changes).toBeUndefined();
  });
});

describe("lines without the shape of a format", () => {
  it.each([
    ["a message only", { msg: "x" }, "unknown_shape"],
    ["`events` that are neither a list nor a batch", { events: 3 }, "unknown_shape"],
    ["a batch without a version", { events: [{ body: "x" }] }, "unsupported_version"],
    ["a batch with a number as events", { v: 1, events: 3 }, "invalid_field"],
    ["an event without a body", { severity: "error", time: 1_763_888_400_123 }, "missing_field"],
    ["an event with a level", { body: "x", level: "info" }, "unknown_field"],
    ["an event with a number as attributes", '{"body":"x","attributes":12345678901234567890}', "invalid_field"],
    [
      "a batch with a number as attributes",
      '{"v":1,"attributes":12345678901234567890,"events":[{"body":"x"}]}',
      "invalid_field",
    ],
  ])("%s", (_, line, reason) => {
    expect(plan(line)).toMatchObject([{ kind: "rejected", reason }]);
  });
});

describe("any fields", () => {
  const formats = Object.keys(JSON_LINE_FORMATS) as (keyof typeof JSON_LINE_FORMATS)[];
  it.each(formats)("of %s become one valid event that contains each value", (format) => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 20 }), (fields) => {
        const event = decodeJsonLine(format, fields);
        if (!event.ok) throw new Error(event.violation.message);
        expect(validateEvent(event.value)).toMatchObject({ ok: true });
      }),
      { numRuns: 100 },
    );
  });

  it("of any line give a result", () => {
    const keys = fc.constantFrom(
      "level",
      "time",
      "msg",
      "message",
      "err",
      "pid",
      "@t",
      "@mt",
      "log",
      "stream",
      "fields",
      "v",
      "instant",
    );
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue()), (fields) => {
        expect(typeof decode(new TextEncoder().encode(JSON.stringify(fields))).ok).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });
});
