/**
 * Lines of GELF with the additional fields of Spring Boot, logback-gelf, pygelf and Log4j.
 */
import { describe, expect, it } from "vitest";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const plan = (line: object) => {
  const payload = new TextEncoder().encode(JSON.stringify(line));
  const stamp = "019ab0a5-4a00-7000-8000-0000000000aa";
  const { events } = planDelivery({ stamp, transport: "http", app: "shop", payload }, 365);
  return events.map(({ newDocument }) => JSON.parse(newDocument.source));
};

const gelf = { version: "1.1", host: "web-1", timestamp: 1_763_888_400.123, level: 3 };
const message = "boot failed\nsecond";
const trace = "java.lang.IllegalStateException: no card\n\tat shop.Pay.run(Pay.java:12)\n";

describe("GELF of Spring Boot", () => {
  const line = {
    ...gelf,
    short_message: message,
    full_message: `${message}\n\n${trace}`,
    _level_name: "ERROR",
    _log_logger: "shop.Pay",
    _process_thread_name: "main",
    _process_pid: 7,
    _service_version: "1.0",
    _error_type: "java.lang.IllegalStateException",
    _error_message: "no card",
    _error_stack_trace: trace,
  };

  it("has its logger, thread, process, version, and the exception once", () => {
    const [log] = plan(line);
    expect(log).toMatchObject({
      body: message,
      severity: { text: "error" },
      log: { logger: "shop.Pay" },
      thread: { name: "main" },
      resource: { host: { name: "web-1" }, service: { version: "1.0" } },
      attributes: { "process.pid": 7, level_name: "ERROR" },
      exception: { type: "java.lang.IllegalStateException", message: "no card", stacktrace: trace },
    });
    expect(log.attributes.full_message).toBeUndefined();
  });

  it("keeps a `full_message` with more", () => {
    const full = `${message} of order 7\n\n${trace}`;
    expect(plan({ ...line, full_message: full })).toMatchObject([
      { exception: { stacktrace: trace }, attributes: { full_message: full } },
    ]);
  });
});

it("GELF of logback-gelf has its logger and thread", () => {
  expect(plan({ ...gelf, short_message: "x", _logger_name: "shop.Pay", _thread_name: "main" })).toMatchObject([
    { log: { logger: "shop.Pay" }, thread: { name: "main" } },
  ]);
});

it.each([
  [7, "TRACE", "trace"],
  [7, "DEBUG", "debug"],
  [3, "TRACE", "error"],
])("the level %s with the name %s is %s", (level, name, severity) => {
  expect(plan({ ...gelf, level, short_message: "x", _level_name: name })).toMatchObject([
    { severity: { text: severity } },
  ]);
});

it.each([
  ["before", { _stack_trace: "aaa\n\tat b", full_message: "zzz\n\tat c" }],
  ["after", { full_message: "zzz\n\tat c", _stack_trace: "aaa\n\tat b" }],
])("`_stack_trace` %s a `full_message` with frames does not replace it", (_name, fields) => {
  expect(plan({ ...gelf, short_message: "x", ...fields })).toMatchObject([
    { exception: { stacktrace: "aaa\n\tat b" }, attributes: { full_message: "zzz\n\tat c" } },
  ]);
});

describe("the name of a service", () => {
  const timestamp = "2025-11-23T09:00:00Z";
  const record = { level: { name: "INFO" }, message: "x", time: { timestamp: 1_763_888_400 } };
  it.each([
    ["GELF", { ...gelf, short_message: "x", _service: "shop" }],
    ["tracing", { timestamp, level: "INFO", target: "t", fields: { message: "x", service: "shop" } }],
    ["loguru", { text: "x", record: { ...record, extra: { service: "shop" } } }],
    ["CLEF", { "@t": timestamp, "@m": "x", service: "shop" }],
    ["bunyan", { v: 0, level: 30, hostname: "h", name: "n", pid: 7, time: timestamp, msg: "x", service: "shop" }],
  ])("is read in %s", (_name, line) => {
    expect(plan(line)).toMatchObject([{ body: "x", resource: { service: { name: "shop" } } }]);
  });
});
