/**
 * The lines of Elasticsearch bulk requests, and the events that they become.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDelivery } from "../src/ingest/decode.ts";
import { toLogType } from "../src/ingest/decoders/elasticsearch.ts";
import { groupActions, readActions } from "../src/ingest/elasticsearch/read-actions.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";
import { eventIdOf } from "./support/event-id-of.ts";
import { findSetupResponse } from "../src/routes/elasticsearch-setup.ts";

const STAMP = "019ab0a5-4a00-7000-8000-0000000000aa";
const OTHER_STAMP = "019ab0a5-4a00-7000-8000-0000000000bb";
const TIME = "2025-11-23T09:00:00.123Z";

const toLines = (...lines: readonly (object | string)[]): string =>
  lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");

const plan = (text: string, { app = "shop", stamp = STAMP, index = undefined as string | undefined } = {}) => {
  const payload = new TextEncoder().encode(text);
  const { events } = planDelivery({ stamp, transport: "http", app, payload, bulk: { index } }, 30);
  return events.map(({ kind, violation, newDocument }) => ({
    kind,
    violation,
    id: eventIdOf(newDocument),
    ...JSON.parse(newDocument.source),
  }));
};

const planDocument = (document: object, action: object = { index: { _index: "app-2025.11.23" } }) =>
  plan(toLines(action, document))[0];

describe("the documents of senders", () => {
  it.each([
    [
      "pino-elasticsearch",
      {
        level: 50,
        time: TIME,
        pid: 7,
        hostname: "web-1",
        msg: "declined",
        err: { type: "PayError", message: "no", stack: "PayError: no\n at x" },
      },
      { body: "declined", severity: { text: "error" }, exception: { type: "PayError", message: "no" } },
      "pino",
    ],
    [
      "winston-elasticsearch",
      { "@timestamp": TIME, message: "declined", severity: "warning", fields: { cart: 7 } },
      { body: "declined", severity: { text: "warn" }, attributes: { fields: { cart: 7 } } },
      "json_line",
    ],
    [
      "Filebeat",
      {
        "@timestamp": TIME,
        message: "declined",
        ecs: { version: "8.0.0" },
        agent: { type: "filebeat" },
        host: { name: "web-1" },
      },
      { body: "declined", attributes: { agent: { type: "filebeat" } }, resource: { host: { name: "web-1" } } },
      "ecs",
    ],
    [
      "Logstash",
      { "@timestamp": TIME, "@version": "1", message: "declined", level: "ERROR", host: { hostname: "web-1" } },
      { body: "declined", severity: { text: "error" } },
      "logstash",
    ],
    [
      "Fluent Bit",
      { "@timestamp": TIME, log: "declined", stream: "stderr" },
      { body: "declined", attributes: { stream: "stderr" } },
      "json_line",
    ],
    ["Vector", { timestamp: TIME, message: "declined", source_type: "file" }, { body: "declined" }, "json_line"],
    [
      "Fluent Bit with the journal",
      { "@timestamp": TIME, PRIORITY: "3", MESSAGE: "declined", _HOSTNAME: "web-1" },
      { body: "declined", severity: { text: "error" }, resource: { host: { name: "web-1" } } },
      "journald",
    ],
    [
      "the Collector",
      { "@timestamp": TIME, severity_number: 17, severity_text: "Error", body: { text: "declined" } },
      { severity: { text: "error" }, attributes: { body: { text: "declined" } } },
      "json_line",
    ],
    [
      "another program",
      { "@timestamp": TIME, cart: 7 },
      { body: `{"@timestamp":"${TIME}","cart":7}`, attributes: { cart: 7 } },
      "json_line",
    ],
    [
      "a program with a level and no message",
      { "@timestamp": TIME, level: "error", log: "declined" },
      { body: "declined", severity: { text: "error" } },
      "json_line",
    ],
    [
      "a program with a level and no text",
      { "@timestamp": TIME, level: "error", cart: 7 },
      { body: `{"@timestamp":"${TIME}","level":"error","cart":7}`, severity: { text: "error" } },
      "json_line",
    ],
    [
      "a program with a text and the name of an event",
      { text: "The user logged in", event: "login", level: "error", timestamp: TIME },
      { "@timestamp": new Date(TIME).toISOString(), body: "The user logged in", attributes: { event: "login" } },
      "json_line",
    ],
    [
      "a program with two messages",
      { "@timestamp": TIME, message: { a: 1 }, text: "hello" },
      { body: "hello", attributes: { message: { a: 1 } } },
      "json_line",
    ],
    [
      "a program with an empty name",
      { "@timestamp": TIME, "": "e", a: 1 },
      { body: `{"@timestamp":"${TIME}","":"e","a":1}`, attributes: { a: 1 } },
      "json_line",
    ],
    [
      "edgelog's own format",
      { time: TIME, body: "declined", severity: "fatal" },
      { body: "declined", severity: { text: "fatal" } },
      "event",
    ],
  ])("of %s are logs", (_name, document, expected, dialect) => {
    const log = planDocument(document);
    expect(log).toMatchObject({ kind: "log", "@timestamp": TIME, ...expected, edgelog: { dialect } });
    expect(log["attributes"]["log.type"]).toBe("app");
  });

  it("may have their own log.type", () => {
    const log = planDocument({ "@timestamp": TIME, message: "x", "log.type": "audit" });
    expect(log["attributes"]["log.type"]).toBe("audit");
  });

  it("are stored as they were sent if they are rejected", () => {
    const [log] = plan(toLines({ index: { _index: "app" } }, '{"message":'));
    expect(log).toMatchObject({ kind: "rejected", reason: "invalid_json", payload: { text: '{"message":' } });
  });
});

describe("index names", () => {
  it.each([
    ["app-2025.11.23", "app"],
    ["app-2025-11", "app"],
    ["app_20251123", "app"],
    ["app-000001", "app"],
    ["logs-app-default", "logs-app-default"],
    ["2025.11.23", "2025.11.23"],
    ["app-2", "app-2"],
  ])("%s has the type %s", (index, type) => {
    expect(toLogType(index)).toBe(type);
  });

  it("of the path is the default", () => {
    const [first, second] = plan(
      toLines({ index: {} }, { message: "a" }, { index: { _index: "b" } }, { message: "b" }),
      {
        index: "a",
      },
    );
    expect([first["attributes"]["log.type"], second["attributes"]["log.type"]]).toEqual(["a", "b"]);
  });
});

describe("ids", () => {
  const UUID = "8f0d6a52-2c37-4a53-9d0b-0f7e7c0e5a11";
  const withId = (id: string, index = "app-2025.11.23", options = {}) =>
    plan(toLines({ create: { _index: index, _id: id } }, { "@timestamp": TIME, message: "x" }), options)[0].id;

  it("are `_id` if that is a UUID", () => {
    expect(withId(UUID)).toBe(UUID);
  });

  it("are derived from the app, the index without its date, and `_id`", () => {
    expect(withId("7")).toMatch(/^[0-9a-f-]{36}$/);
    expect(withId("7", "app-2025.11.24", { stamp: OTHER_STAMP })).toBe(withId("7"));
    const others = [withId("8"), withId("7", "web-2025.11.23"), withId("7", "app", { app: "other" })];
    expect(new Set([withId("7"), ...others]).size).toBe(4);
  });

  const lines = toLines(
    { index: {} },
    { "@timestamp": TIME, message: "a" },
    { index: {} },
    { "@timestamp": TIME, message: "a" },
  );

  it("are derived from the content of the request if there is no `_id` and each document has a time", () => {
    const ids = plan(lines).map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    expect(plan(lines, { stamp: OTHER_STAMP }).map(({ id }) => id)).toEqual(ids);
    expect(plan(lines, { app: "other" }).map(({ id }) => id)).not.toEqual(ids);
  });

  it.each([
    { message: "no time" },
    { message: "invoice overdue", level: "warning", date: TIME },
    { event: "invoice overdue", datetime: TIME },
  ])("are new if a document has neither, or a date that other logs can share: %j", (document) => {
    const text = lines + toLines({ index: {} }, document);
    expect(plan(text, { stamp: OTHER_STAMP }).map(({ id }) => id)).not.toEqual(plan(text).map(({ id }) => id));
  });
});

describe("the lines of a request", () => {
  it("are actions and documents, with any members, line ends and blank lines", () => {
    const text =
      '{"index":{"_index":"a","_id":1},"attempts":0}\r\n{"a":1}\r\n\n{"delete":{"_id":"x"}}\n{"create":{}}\n{"b":2}';
    expect(readActions(text, "default")).toMatchObject([
      { name: "index", index: "a", id: "1", source: '{"a":1}\r' },
      { name: "delete", index: "default", source: undefined, violation: { reason: "unknown_shape" } },
      { name: "create", index: "default", source: '{"b":2}' },
    ]);
  });

  it.each([
    ["delete", toLines({ delete: { _id: "7" } })],
    ["update", toLines({ update: { _id: "7" } }, { doc: { a: 1 } })],
    ["an action without a document", toLines({ index: {} })],
    ["a line that is not an action", toLines("text")],
    ["a document that is a list", toLines({ index: {} }, [1])],
  ])("reject %s without the actions around it", (_name, text) => {
    const before = toLines({ index: {} }, { message: "before" });
    const kinds = plan(before + text).map(({ kind }) => kind);
    expect(kinds).toEqual(["log", "rejected"]);
  });

  it("are grouped within the limits of a payload", () => {
    const actions = readActions(
      toLines(...Array.from({ length: 10 }, () => [{ index: {} }, { message: "x".repeat(80) }]).flat()),
    );
    expect(groupActions(actions, { maxActions: 4, maxBytes: 10_000 }).map(({ length }) => length)).toEqual([4, 4, 2]);
    expect(groupActions(actions, { maxActions: 100, maxBytes: 250 }).map(({ length }) => length)).toEqual([
      2, 2, 2, 2, 2,
    ]);
  });

  it("give one event for each action, whatever they are", () => {
    const anyLine = fc.oneof(
      fc.constantFrom('{"index":{}}', '{"create":{"_id":"1"}}', '{"delete":{}}', '{"update":{}}', "{", "", "\r"),
      fc.json(),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 12 }), (sent) => {
        const text = sent.join("\n");
        const payload = new TextEncoder().encode(text);
        const decoded = decodeDelivery({ payload, app: "shop", bulk: {} });
        expect(decoded.ok ? decoded.value.events.length : 0).toBe(decoded.ok ? readActions(text).length : 0);
        expect(() => plan(text)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

describe("the requests before the first logs", () => {
  it.each([
    ["GET", "/elasticsearch", { version: { number: expect.stringMatching(/^8\./) } }],
    ["HEAD", "/elasticsearch/", { tagline: "You Know, for Search" }],
    ["GET", "/elasticsearch/_license", { license: { status: "active", type: "basic" } }],
    ["GET", "/elasticsearch/_xpack", { features: {} }],
    ["GET", "/elasticsearch/_cluster/health", { status: "green" }],
    ["HEAD", "/elasticsearch/_index_template/ecs-logstash", {}],
    ["PUT", "/elasticsearch/_index_template/logs", { acknowledged: true }],
    ["PUT", "/elasticsearch/_ilm/policy/filebeat", { acknowledged: true }],
    ["HEAD", "/elasticsearch/logs", {}],
    ["PUT", "/elasticsearch/logs", { acknowledged: true }],
    ["POST", "/elasticsearch/logs/_refresh", { acknowledged: true }],
  ])("%s %s is answered", (method, path, expected) => {
    expect(findSetupResponse(method, path)).toMatchObject(expected);
  });

  it.each([
    ["POST", "/elasticsearch/_search"],
    ["GET", "/elasticsearch/logs/_search"],
    ["GET", "/elasticsearch/logs/_doc/1"],
    ["DELETE", "/elasticsearch/logs"],
    ["DELETE", "/elasticsearch/_index_template/logs"],
    ["GET", "/elasticsearch/__proto__"],
  ])("%s %s is not supported", (method, path) => {
    expect(findSetupResponse(method, path)).toBeUndefined();
  });
});
