/**
 * The lines of loggers for Java that write exceptions as objects: Log4j, Logback's JsonEncoder, and JBoss Log Manager of Quarkus.
 */
import { describe, expect, it } from "vitest";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const plan = (line: object) => {
  const payload = new TextEncoder().encode(JSON.stringify(line));
  const stamp = "019ab0a5-4a00-7000-8000-0000000000aa";
  const { events } = planDelivery({ stamp, transport: "http", app: "shop", payload }, 365);
  return events.map(({ newDocument }) => JSON.parse(newDocument.source));
};

const TIME_MS = 1_763_888_400_123;
const TIME = "2025-11-23T09:00:00.123Z";
const TYPE = "java.lang.IllegalStateException";
const CAUSE = "java.io.IOException";
const STACK = [
  `${TYPE}: no card`,
  "\tat shop.Pay.run(Pay.java:12)",
  `Caused by: ${CAUSE}: closed`,
  "\tat shop.Card.read(Card.java:7)",
  "\t... 1 more",
].join("\n");

const instant = { epochSecond: 1_763_888_400, nanoOfSecond: 123_456_789 };
const log4j = { instant, level: "ERROR", loggerName: "shop.Pay", message: "failed" };
const frame = { class: "shop.Pay", method: "run", file: "Pay.java", line: 12 };
const causeFrame = { class: "shop.Card", method: "read", file: "Card.java", line: 7 };
const cause = { name: CAUSE, message: "closed", commonElementCount: 1, extendedStackTrace: [causeFrame] };
const thrown = { name: TYPE, message: "no card", extendedStackTrace: [frame], cause };

describe("Log4j's layouts", () => {
  it("have the stack trace of an exception and its causes", () => {
    const [log] = plan({ ...log4j, thrown });
    expect(log).toMatchObject({ exception: { type: TYPE, message: "no card", stacktrace: STACK } });
    expect(log.attributes?.["thrown.cause"]).toBeUndefined();
    expect(log.attributes?.["thrown.extendedStackTrace"]).toBeUndefined();
  });

  it("have the library of a frame, and keep suppressed exceptions", () => {
    const library = { exact: false, location: "shop.jar", version: "1.0" };
    const suppressed = [{ name: CAUSE, message: "x" }];
    const extended = { ...thrown, extendedStackTrace: [{ ...frame, ...library }], cause: { ...cause, suppressed } };
    expect(plan({ ...log4j, thrown: extended })).toMatchObject([
      {
        exception: { stacktrace: expect.stringContaining("(Pay.java:12) ~[shop.jar:1.0]\nCaused by") },
        attributes: { "thrown.cause": { suppressed } },
      },
    ]);
  });

  it("with an `instant` that is not a time are stored with the time of arrival", () => {
    const wrong = { epochSecond: 1_763_888_400, nanoOfSecond: -1 };
    expect(plan({ ...log4j, instant: wrong })).toMatchObject([{ body: "failed", attributes: { instant: wrong } }]);
  });

  it("for Google Cloud have the time, the exception, the logger and the place", () => {
    const line = {
      timestampSeconds: 1_763_888_400,
      timestampNanos: 123_456_789,
      severity: "ERROR",
      message: "failed",
      "logging.googleapis.com/sourceLocation": { file: "Pay.java", line: 12, function: "shop.Pay.run" },
      _exception: { class: TYPE, message: "no card", stackTrace: STACK },
      _thread: "main",
      _logger: "shop.Pay",
    };
    expect(plan(line)).toMatchObject([
      {
        "@timestamp": expect.stringMatching(/^2025-11-23T09:00:00\.123/),
        edgelog: { nanos: 456_789 },
        exception: { type: TYPE, message: "no card", stacktrace: STACK },
        code: { file: { path: "Pay.java" }, line: { number: 12 } },
        log: { logger: "shop.Pay" },
        thread: { name: "main" },
      },
    ]);
  });
});

describe("Logback's JsonEncoder", () => {
  const line = {
    sequenceNumber: 0,
    timestamp: TIME_MS,
    nanoseconds: 123_456_789,
    level: "ERROR",
    threadName: "main",
    loggerName: "shop.Pay",
    context: { name: "default", birthdate: TIME_MS, properties: {} },
    mdc: {},
  };
  const step = { className: "shop.Pay", methodName: "run", fileName: "Pay.java", lineNumber: 12 };
  const causeStep = { className: "shop.Card", methodName: "read", fileName: "Card.java", lineNumber: 7 };
  const throwable = {
    className: TYPE,
    message: "no card",
    stepArray: [step],
    cause: { className: CAUSE, message: "closed", stepArray: [causeStep], commonFramesCount: 1 },
  };

  it("has the exception, the logger, the message with its arguments, and the nanoseconds", () => {
    const [log] = plan({ ...line, message: "order {} of \\{} {}", arguments: ["7", "shop"], throwable });
    expect(log).toMatchObject({
      "@timestamp": expect.stringMatching(/^2025-11-23T09:00:00\.123/),
      body: "order 7 of {} shop",
      log: { logger: "shop.Pay" },
      thread: { name: "main" },
      exception: { type: TYPE, message: "no card", stacktrace: STACK },
      attributes: { arguments: ["7", "shop"] },
      edgelog: { nanos: 456_789 },
    });
    expect(log.attributes?.nanoseconds).toBeUndefined();
  });

  it("can have the formatted message, with or without its template", () => {
    const formatted = { ...line, formattedMessage: "order 7", arguments: ["7"] };
    expect(plan(formatted)).toMatchObject([{ body: "order 7", attributes: { arguments: ["7"] } }]);
    const [log] = plan({ ...formatted, message: "order {}" });
    expect(log).toMatchObject({ body: "order 7", attributes: { message: "order {}" } });
    expect(plan({ ...formatted, message: "order {}", formattedMessage: "" })).toMatchObject([{ body: "order 7" }]);
  });

  it("keeps nanoseconds that are not those of its time", () => {
    expect(plan({ ...line, message: "x", nanoseconds: 7 })).toMatchObject([
      { "@timestamp": TIME, attributes: { nanoseconds: 7 } },
    ]);
  });
});

describe("JBoss Log Manager", () => {
  const line = {
    timestamp: TIME,
    sequence: 1,
    loggerClassName: "org.jboss.logging.Logger",
    loggerName: "shop.Pay",
    level: "ERROR",
    message: "failed",
    threadName: "main",
    threadId: 1,
    mdc: {},
    ndc: "",
    hostName: "web-1",
    processName: "shop.jar",
    processId: 7,
  };
  const detailed = (message: string): object => ({
    refId: 1,
    exceptionType: TYPE,
    message,
    frames: [{ class: "shop.Pay", method: "run", line: 12 }],
    causedBy: {
      exception: { refId: 2, exceptionType: CAUSE, message, frames: [{ class: "shop.Card", method: "read" }] },
    },
  });

  it("has the exception, the logger, the host and the process", () => {
    const [log] = plan({ ...line, exception: detailed("no card") });
    expect(log).toMatchObject({
      log: { logger: "shop.Pay" },
      thread: { name: "main" },
      resource: { host: { name: "web-1" } },
      attributes: { "process.pid": 7, "thread.id": 1, "exception.refId": 1 },
      exception: {
        type: TYPE,
        message: "no card",
        stacktrace: [
          `${TYPE}: no card`,
          "\tat shop.Pay.run(Unknown Source:12)",
          `Caused by: ${CAUSE}: no card`,
          "\tat shop.Card.read(Unknown Source)",
        ].join("\n"),
      },
    });
    expect(log.attributes?.["exception.causedBy"]).toBeUndefined();
  });

  it("groups errors of one place, whatever their texts are", () => {
    const keys = ["no card of ada", "no card of bob"].flatMap((message) => [
      plan({ ...line, message, stackTrace: STACK.replace("no card", message) })[0].error.grouping_key,
      plan({ ...line, message, exception: detailed(message) })[0].error.grouping_key,
    ]);
    expect(keys[0]).toBe(keys[2]);
    expect(keys[1]).toBe(keys[3]);
  });

  it("has a formatted stack trace", () => {
    expect(plan({ ...line, stackTrace: STACK })).toMatchObject([{ exception: { stacktrace: STACK } }]);
  });
});

it.each([
  ["a message that is a number", { ...cause, message: 4_711 }],
  ["another message in the language of the user", { ...cause, localizedMessage: "geschlossen" }],
  ["two types", { ...cause, className: "other.Type" }],
  ["two lists of frames", { ...cause, frames: [causeFrame] }],
  [
    "two causes",
    { ...cause, cause: { name: "A", frames: [causeFrame] }, causedBy: { name: "B", frames: [causeFrame] } },
  ],
  ["a line that is a text", { ...cause, extendedStackTrace: [{ ...causeFrame, line: "7a" }] }],
  ["a version without a library", { ...cause, extendedStackTrace: [{ ...causeFrame, version: "9" }] }],
])("a cause with %s stays an attribute", (_, other) => {
  const [log] = plan({ ...log4j, thrown: { ...thrown, cause: other } });
  expect(JSON.stringify(log.attributes)).toContain(JSON.stringify(other));
});

it("the span of another trace stays where it is", () => {
  const traces = { trace_id: "1".repeat(32), mdc: { traceId: "2".repeat(32), spanId: "3".repeat(16) } };
  const [log] = plan({ level: "info", message: "m", ...traces });
  expect(log).toMatchObject({ traceId: traces.trace_id, attributes: { mdc: traces.mdc } });
  expect(log.spanId).toBeUndefined();
});

it("an object with frames of another shape stays as it is", () => {
  const err = { name: "TypeError", message: "x", frames: [{ file: "a.js" }] };
  expect(plan({ level: "error", message: "m", err })).toMatchObject([
    { exception: { type: "TypeError", message: "x" }, attributes: { "err.frames": [{ file: "a.js" }] } },
  ]);
});
