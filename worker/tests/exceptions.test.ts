/**
 * The exceptions and threads of loggers, in the shapes that they write.
 */
import { describe, expect, it } from "vitest";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const planText = (text: string) => {
  const payload = new TextEncoder().encode(text);
  const stamp = "019ab0a5-4a00-7000-8000-0000000000aa";
  const { events } = planDelivery({ stamp, transport: "http", app: "shop", payload }, 365);
  return events.map(({ newDocument }) => JSON.parse(newDocument.source));
};

const line = (fields: object): string =>
  JSON.stringify({ time: "2025-11-23T09:00:00Z", level: "error", msg: "x", ...fields });

describe("a text", () => {
  it.each([
    ["zerolog and go-kit", line({ err: "connection refused" })],
    ["logfmt of slog and Prometheus", 'time=2025-11-23T09:00:00Z level=ERROR msg=x err="connection refused"'],
    ["a logger with `exception`", line({ exception: "connection refused" })],
  ])("of one line is the message: %s", (_name, text) => {
    const [log] = planText(text);
    expect(log.exception).toEqual({ message: "connection refused" });
  });

  it.each([
    ["several lines", line({ err: "Error: no card\n    at pay" }), "Error: no card\n    at pay"],
    ["a key of stack traces", line({ stack: "Error: no card" }), "Error: no card"],
  ])("is the stack trace if it has %s", (_name, text, stacktrace) => {
    expect(planText(text)).toMatchObject([{ exception: { stacktrace } }]);
  });
});

it("of structlog is not the place of the call", () => {
  const stack = 'Stack (most recent call last):\n  File "/srv/pay.py", line 12, in <module>';
  const exception = 'Traceback (most recent call last):\n  File "/srv/pay.py", line 11\nValueError: no card';
  expect(planText(line({ stack, exception }))).toMatchObject([
    { exception: { stacktrace: exception }, attributes: { stack } },
  ]);
  expect(planText(line({ stack }))).toMatchObject([{ attributes: { stack } }]);
  // As winston writes it.
  expect(planText(line({ stack: "at log", exception }))).toMatchObject([
    { exception: { stacktrace: exception }, attributes: { stack: "at log" } },
  ]);
});

it("of tracing can have the name `err`", () => {
  const fields = { message: "failed", err: "connection refused" };
  const event = { timestamp: "2025-11-23T09:00:00Z", level: "ERROR", target: "shop", fields };
  expect(planText(JSON.stringify(event))).toMatchObject([{ exception: { message: "connection refused" } }]);
});

describe("the list of structlog's `dict_tracebacks`", () => {
  const raised = {
    exc_type: "RuntimeError",
    exc_value: "no card",
    exc_notes: ["order 7"],
    syntax_error: null,
    is_cause: false,
    frames: [{ filename: "/srv/pay.py", lineno: 9, name: "<module>" }],
    is_group: false,
    exceptions: [],
  };
  const frame = { filename: "/srv/card.py", lineno: 6, name: "read", line: 'int("x")' };
  const cause = { exc_type: "ValueError", exc_value: "not a number", is_cause: true, frames: [frame] };
  const stacktrace = [
    "Traceback (most recent call last):",
    '  File "/srv/card.py", line 6, in read',
    '    int("x")',
    "ValueError: not a number",
    "",
    "The above exception was the direct cause of the following exception:",
    "",
    "Traceback (most recent call last):",
    '  File "/srv/pay.py", line 9, in <module>',
    "RuntimeError: no card",
    "order 7",
  ].join("\n");
  const toLine = (exception: readonly object[]): string =>
    JSON.stringify({ event: "failed", level: "error", timestamp: "2025-11-23T09:00:00Z", exception });

  it("is the exception that was raised, with the stack trace that Python writes", () => {
    const [log] = planText(toLine([raised, cause]));
    expect(log).toMatchObject({ body: "failed", exception: { type: "RuntimeError", message: "no card", stacktrace } });
    expect(log.attributes?.exception).toBeUndefined();
  });

  it("stays an attribute, too, if it has more than the stack trace", () => {
    const withLocals = { ...cause, frames: [{ ...frame, locals: { card: "x" } }] };
    const [log] = planText(toLine([raised, withLocals]));
    expect(log).toMatchObject({ exception: { stacktrace }, attributes: { exception: [{}, withLocals] } });
  });
});

describe("the object in an attribute of OTLP, as pino-opentelemetry-transport sends it", () => {
  const stack = "TypeError: no card\n    at pay (cart.js:7:3)";
  const text = (value: string): object => ({ stringValue: value });
  const toRequest = (values: object, others: readonly object[] = []): string => {
    const pairs = Object.entries(values).map(([key, value]) => ({ key, value }));
    const attributes = [{ key: "err", value: { kvlistValue: { values: pairs } } }, ...others];
    const record = { timeUnixNano: "1763888400000000000", body: text("failed"), attributes };
    return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
  };
  const err = { type: text("TypeError"), message: text("no card"), stack: text(stack), code: text("E1") };

  it("is the exception", () => {
    expect(planText(toRequest(err))).toMatchObject([
      { exception: { type: "TypeError", message: "no card", stacktrace: stack }, attributes: { "err.code": "E1" } },
    ]);
  });

  it("replaces no attribute of OpenTelemetry", () => {
    const others = [{ key: "exception.type", value: text("CardError") }];
    expect(planText(toRequest(err, others))).toMatchObject([
      { exception: { type: "CardError", message: "no card" }, attributes: { "err.type": "TypeError" } },
    ]);
  });

  it("stays an attribute without a message and a stack trace", () => {
    expect(planText(toRequest({ code: text("E1") }))).toMatchObject([{ attributes: { err: { code: "E1" } } }]);
  });
});

describe("a list", () => {
  const traceback = [
    "Traceback (most recent call last):",
    '  File "/srv/pay.py", line 11, in pay',
    "ValueError: no card",
  ];

  it("of the lines of a stack trace is the stack trace, as python-json-logger writes it", () => {
    const [log] = planText(line({ exc_info: traceback }));
    expect(log).toMatchObject({ exception: { stacktrace: traceback.join("\n") } });
    expect(log.attributes?.exc_info).toBeUndefined();
  });

  it("of lines that end with a line feed has no empty lines, as logstash_formatter writes it", () => {
    const exception = traceback.map((text) => `${text}\n`);
    expect(planText(line({ exception }))).toMatchObject([{ exception: { stacktrace: traceback.join("\n") } }]);
  });

  it("of frames is the stack trace that Go prints, as zerolog's pkgerrors writes it", () => {
    const stack = [
      { func: "inner", line: "20", source: "errors.go" },
      { func: "main", line: "7", source: "main.go" },
    ];
    expect(planText(line({ stack, error: "no card" }))).toMatchObject([
      { exception: { message: "no card", stacktrace: "inner\n\terrors.go:20\nmain\n\tmain.go:7" } },
    ]);
  });

  it.each([
    ["other texts", ["react", "node"]],
    ["other objects", [{ func: "a", source: "b", vars: { card: "x" } }]],
    ["texts and numbers", ["  at a", 1]],
  ])("of %s stays an attribute", (_name, stack) => {
    const [log] = planText(line({ stack }));
    expect(log).toMatchObject({ attributes: { stack } });
    expect(log.exception).toBeUndefined();
  });
});

describe("the thread", () => {
  it("that is a number is its id, and `threadName` its name", () => {
    expect(planText(line({ thread: 140_398_152_649_600, threadName: "MainThread" }))).toMatchObject([
      { thread: { name: "MainThread" }, attributes: { "thread.id": 140_398_152_649_600 } },
    ]);
  });

  it("that is a text is its name", () => {
    expect(planText(line({ thread: "main" }))).toMatchObject([{ thread: { name: "main" } }]);
  });
});
