/**
 * Lines of common loggers with other options or fields than in json-line-rows.ts, and parts of the documents that they become.
 */
import { expect } from "vitest";
import { level } from "./json-line-rows.ts";

const TIME = "2025-11-23T09:00:00.123Z";
const TIME_MS = Date.parse(TIME);

const TRACE_ID = "5b8efff798038103d269b633813fc60c";

/** The record of loguru 0.7.3. */
const LOGURU = {
  elapsed: { repr: "0:00:00.194112", seconds: 0.194112 },
  file: { name: "shop.py", path: "/srv/shop.py" },
  function: "pay",
  level: { icon: "⚠️", name: "WARNING", no: 30 },
  line: 4,
  message: "declined card",
  module: "shop",
  name: "shop",
  process: { id: 8416, name: "MainProcess" },
  thread: { id: 139_866_166_279_040, name: "MainThread" },
  time: { repr: "2025-11-23 09:00:00.123000+00:00", timestamp: TIME_MS / 1_000 },
};

export const LOGGER_OPTION_ROWS: readonly (readonly [name: string, line: object, expected: object])[] = [
  [
    "pino with fields that edgelog's formats have, too",
    { level: 50, time: TIME_MS, pid: 7, hostname: "web-1", msg: "failed", body: { card: "x" }, events: [1], v: 1 },
    {
      "@timestamp": TIME,
      body: "failed",
      ...level("error"),
      attributes: { body: { card: "x" }, events: [1], v: 1 },
      edgelog: { dialect: "pino" },
    },
  ],
  [
    "pino without a time",
    { level: 50, pid: 7, hostname: "web-1", msg: "failed" },
    { body: "failed", ...level("error"), edgelog: { dialect: "pino" } },
  ],
  [
    "Serilog CLEF with a template that repeats a long value",
    { "@t": TIME, "@mt": "{A}".repeat(200), A: "x".repeat(100) },
    // At most 8 times the length of the template and the value.
    { body: "x".repeat(5_600) + "{A}".repeat(144) },
  ],
  ["pino without a time and a process", { level: 50, msg: "failed" }, { body: "failed", ...level("error") }],
  [
    "pino with a time of another name",
    { level: 50, timestamp: TIME, pid: 7, hostname: "web-1", msg: "failed" },
    { "@timestamp": TIME, body: "failed", ...level("error") },
  ],
  [
    "pino with an object only",
    { level: 30, time: TIME_MS, pid: 7, hostname: "web-1", event: "placed", order: { id: 7 } },
    { body: expect.stringMatching(/"order":\{"id":7\}/), attributes: { event: "placed", order: { id: 7 } } },
  ],
  [
    "pino with another key of the message, and the severity of Google Cloud",
    { severity: "ERROR", level: 50, time: TIME_MS, pid: 7, hostname: "web-1", message: "payment failed" },
    { "@timestamp": TIME, body: "payment failed", ...level("error"), edgelog: { dialect: "pino" } },
  ],
  [
    "pino with another key of the message and without a process",
    { level: 50, time: TIME_MS, message: "payment failed" },
    { "@timestamp": TIME, body: "payment failed", ...level("error"), edgelog: { dialect: "pino" } },
  ],
  [
    "pino with both keys of a message",
    { level: 50, time: TIME_MS, pid: 7, hostname: "web-1", msg: "failed", message: "m" },
    { body: "failed", attributes: { message: "m" } },
  ],
  [
    "a level of Python with its name",
    { level: 40, levelname: "ERROR", time: TIME_MS, message: "x" },
    { ...level("error"), attributes: { level: 40 }, edgelog: { dialect: "json_line" } },
  ],
  [
    "a level of syslog",
    { level: 3, time: TIME_MS, message: "x" },
    { ...level("info"), attributes: { level: 3 }, edgelog: { dialect: "json_line" } },
  ],
  [
    "a level of Logback",
    { level: 20_000, time: TIME_MS, message: "x" },
    { ...level("info"), attributes: { level: 20_000 }, edgelog: { dialect: "json_line" } },
  ],
  [
    "bunyan with another key of the message",
    { name: "shop", hostname: "web-1", pid: 7, level: 40, message: "slow", time: TIME, v: 0 },
    { "@timestamp": TIME, body: "slow", ...level("warn"), edgelog: { dialect: "bunyan" } },
  ],
  [
    "bunyan with a field `events`",
    { name: "shop", hostname: "web-1", pid: 7, level: 40, msg: "flushed", time: TIME, v: 0, events: 3 },
    { body: "flushed", attributes: { events: 3 }, edgelog: { dialect: "bunyan" } },
  ],
  [
    "winston with an object as the message",
    { level: "error", message: { orderId: 7 } },
    { body: '{"orderId":7}', ...level("error"), attributes: { message: { orderId: 7 } } },
  ],
  [
    "winston with a list of small numbers as the message",
    { level: "error", message: [104, 105] },
    { body: "[104,105]", attributes: { message: [104, 105] } },
  ],
  [
    "pino with an empty list as the message",
    { level: 30, time: TIME_MS, msg: [] },
    { body: "[]", attributes: { msg: [] } },
  ],
  ["winston with a number as the message", { level: "error", message: 42 }, { body: "42", ...level("error") }],
  [
    "zap with a field `body`",
    { level: "error", ts: TIME_MS / 1_000, caller: "shop/pay.go:42", msg: "declined", body: '{"a":1}' },
    { "@timestamp": TIME, body: "declined", ...level("error"), attributes: { body: '{"a":1}' } },
  ],
  [
    "zerolog without a message",
    { level: "error", order: 7, time: TIME },
    { "@timestamp": TIME, body: `{"level":"error","order":7,"time":"${TIME}"}`, ...level("error") },
  ],
  [
    "structlog",
    { event: "order placed", level: "warning", timestamp: TIME, order: 7 },
    { "@timestamp": TIME, body: "order placed", ...level("warn"), attributes: { order: 7 } },
  ],
  [
    "a duration in the field `time`",
    { "@timestamp": TIME, level: "info", message: "GET /", time: 0.35 },
    { "@timestamp": TIME, body: "GET /", attributes: { time: 0.35 } },
  ],
  [
    "pino with a duration in the field `time`",
    { timestamp: TIME, level: 30, pid: 7, hostname: "web-1", msg: "GET /", time: 99_999_999 },
    { "@timestamp": TIME, attributes: { time: 99_999_999 } },
  ],
  [
    "a time of 1973",
    { time: 100_000_000, level: "info", msg: "x" },
    { edgelog: { claimedTime: "1973-03-03T09:46:40.000Z" } },
  ],
  [
    "structlog without a time",
    { event: "cart opened", level: "info", order: 7 },
    { body: "cart opened", attributes: { order: 7 } },
  ],
  [
    "structlog with a field `message`",
    { message: "a field", event: "cart opened", logger: "shop", level: "warning", timestamp: TIME },
    { "@timestamp": TIME, body: "cart opened", ...level("warn"), attributes: { message: "a field" } },
  ],
  [
    "winston with a field `event`",
    { event: "cart.opened", level: "warn", message: "Cart opened", timestamp: TIME },
    { body: "Cart opened", attributes: { event: "cart.opened" } },
  ],
  [
    "loguru",
    {
      text: "2025-11-23 09:00:00.123 | WARNING  | shop:pay:4 - declined card\n",
      record: { ...LOGURU, exception: null, extra: { trace_id: TRACE_ID, order: 7, level: "gold" } },
    },
    {
      "@timestamp": TIME,
      body: "declined card",
      ...level("warn"),
      traceId: TRACE_ID,
      log: { logger: "shop" },
      code: { function: { name: "pay" }, file: { path: "/srv/shop.py" }, line: { number: 4 } },
      attributes: { "extra.level": "gold", order: 7 },
      edgelog: { dialect: "loguru" },
    },
  ],
  [
    "loguru with an exception",
    {
      text: '2025-11-23 09:00:00.123 | WARNING  | shop:pay:4 - declined card\nTraceback (most recent call last):\n\n> File "/srv/shop.py", line 4\n\nValueError: no card\n',
      record: { ...LOGURU, exception: { type: "ValueError", value: "no card", traceback: true }, extra: {} },
    },
    {
      body: "declined card",
      exception: {
        type: "ValueError",
        message: "no card",
        stacktrace: 'Traceback (most recent call last):\n\n> File "/srv/shop.py", line 4\n\nValueError: no card',
      },
    },
  ],
  [
    "slog with a level between two names",
    { time: TIME, level: "INFO+2", msg: "x" },
    { ...level("info"), attributes: { level: "INFO+2" } },
  ],
  ["slog with a level above its names", { time: TIME, level: "ERROR+4", msg: "x" }, level("fatal")],
  ["slog with a level below its names", { time: TIME, level: "DEBUG-8", msg: "x" }, level("trace")],
  ["a level with an offset that is not a number", { time: TIME, level: "ERROR+", msg: "x" }, level("info")],
  [
    "the journal without the time of its entries",
    { "@timestamp": TIME, PRIORITY: "3", MESSAGE: "disk failed", _HOSTNAME: "web-1", SYSLOG_IDENTIFIER: "kernel" },
    {
      "@timestamp": TIME,
      body: "disk failed",
      ...level("error"),
      resource: { host: { name: "web-1" } },
      log: { tag: "kernel" },
      edgelog: { dialect: "journald" },
    },
  ],
  [
    "the journal as Vector sends it",
    { timestamp: TIME, PRIORITY: "3", message: "disk failed", host: "web-1", source_type: "journald" },
    { "@timestamp": TIME, ...level("error") },
  ],
  [
    "the journal as Vector sends it with names of priorities",
    { timestamp: TIME, PRIORITY: "ERR", message: "disk failed" },
    { ...level("error"), attributes: { PRIORITY: "ERR" } },
  ],
  [
    "a severity of OpenTelemetry inside of a range",
    { timestamp: TIME, severity_number: 18, message: "x" },
    { ...level("error"), attributes: { severity_number: 18 } },
  ],
  [
    "syslog as Filebeat reads it",
    { "@timestamp": TIME, ecs: { version: "8.0.0" }, message: "x", log: { syslog: { priority: 3 } } },
    { ...level("error"), edgelog: { dialect: "ecs" } },
  ],
  [
    "syslog with a severity in ECS",
    {
      "@timestamp": TIME,
      "ecs.version": "8.0.0",
      message: "x",
      log: { syslog: { severity: { code: 4 }, priority: 11 } },
    },
    level("warn"),
  ],
  [
    "Fluent Bit's http output",
    { date: TIME_MS / 1_000, log: "plain line", kubernetes: { pod_name: "web-1" } },
    { "@timestamp": TIME, body: "plain line", ...level("info"), edgelog: { dialect: "json_line" } },
  ],
  [
    "logstash_formatter of Python",
    { "@timestamp": TIME, "@version": 1, levelname: "CRITICAL", levelno: 50, name: "shop.pay", message: "declined" },
    { body: "declined", ...level("fatal"), log: { logger: "shop.pay" }, edgelog: { dialect: "logstash" } },
  ],
  [
    "a line with a severity, to which Logstash adds its fields",
    { severity: "ERROR", message: "declined", "@version": "1", "@timestamp": TIME },
    { ...level("error"), edgelog: { dialect: "logstash" } },
  ],
  [
    "logstash-logback-encoder with its short names",
    {
      "@timestamp": TIME,
      "@version": "1",
      message: "declined",
      logger: "com.example.Pay",
      thread: "http-1",
      level: "ERROR",
      levelVal: 40_000,
      stacktrace: "java.lang.IllegalStateException: x\n\tat a",
    },
    {
      ...level("error"),
      log: { logger: "com.example.Pay" },
      thread: { name: "http-1" },
      exception: { stacktrace: "java.lang.IllegalStateException: x\n\tat a" },
    },
  ],
  [
    "Log4j's LogstashJsonEventLayoutV1",
    {
      exception: { exception_class: "java.lang.IllegalStateException", exception_message: "x", stacktrace: "at a" },
      source_host: "web-1",
      message: "declined",
      "@timestamp": TIME,
      "@version": 1,
      level: "ERROR",
      logger_name: "com.example.Pay",
    },
    {
      ...level("error"),
      exception: { type: "java.lang.IllegalStateException", message: "x", stacktrace: "at a" },
      resource: { host: { name: "web-1" } },
      edgelog: { dialect: "logstash" },
    },
  ],
  [
    "logstash-logback-encoder with fields that other loggers have, too",
    {
      logger: "a",
      exception: "b\nc",
      hostname: "d",
      service: "shop",
      "@timestamp": TIME,
      "@version": "1",
      message: "x",
      severity: "DEBUG",
      level: "WARN",
      logger_name: "com.example.Pay",
      HOSTNAME: "web-1",
      stack_trace: "java.lang.IllegalStateException: x\n\tat a",
    },
    {
      ...level("warn"),
      log: { logger: "com.example.Pay" },
      exception: { stacktrace: "java.lang.IllegalStateException: x\n\tat a" },
      resource: { host: { name: "web-1" }, service: { name: "shop" }, attributes: { hostname: "d" } },
      attributes: { logger: "a", exception: "b\nc", severity: "DEBUG" },
    },
  ],
  [
    "structlog with a field `severity`",
    { severity: "x", event: "st info", level: "info", timestamp: TIME },
    { "@timestamp": TIME, body: "st info", ...level("info"), attributes: { severity: "x" } },
  ],
  [
    "structlog with the severity of Google Cloud",
    { event: "order failed", severity: "ERROR", timestamp: TIME },
    { "@timestamp": TIME, body: "order failed", ...level("error"), edgelog: { dialect: "json_line" } },
  ],
  [
    "structlog with a field `body`",
    { event: "email sent", level: "info", timestamp: TIME, body: "hello" },
    { "@timestamp": TIME, body: "email sent", attributes: { body: "hello" } },
  ],
  [
    "zerolog without a message, with a field `body`",
    { level: "error", body: "hello", time: TIME },
    { "@timestamp": TIME, body: "hello", ...level("error"), edgelog: { dialect: "json_line" } },
  ],
  [
    "slog of Rust",
    { msg: "x", level: "ERRO", ts: TIME },
    { "@timestamp": TIME, ...level("error"), attributes: { level: "ERRO" } },
  ],
  ["slog of Rust with DEBG", { msg: "x", level: "DEBG", ts: TIME }, level("debug")],
  ["slog of Rust with TRCE", { msg: "x", level: "TRCE", ts: TIME }, level("trace")],
  [
    "log15",
    { lvl: "eror", msg: "x", t: "2025-11-23T10:00:00.123+01:00", user: "ann" },
    { "@timestamp": TIME, body: "x", ...level("error"), attributes: { lvl: "eror", user: "ann" } },
  ],
  ["log15 with dbug", { lvl: "dbug", msg: "x", t: TIME }, level("debug")],
  ["a field `t` that is not log15's", { level: "info", msg: "x", t: TIME }, { body: "x", attributes: { t: TIME } }],
  [
    "slog with fields named like those of other loggers",
    { time: TIME, level: "INFO", msg: "order placed", message: "attr", ts: 1_700_000_000, timestamp: "x" },
    { "@timestamp": TIME, body: "order placed", attributes: { message: "attr", ts: 1_700_000_000, timestamp: "x" } },
  ],
  [
    "zap with fields named like those of other loggers",
    { level: "info", ts: TIME_MS / 1_000, caller: "a.go:1", msg: "zap", time: "2025-11-22T00:00:00Z", message: "m" },
    { "@timestamp": TIME, body: "zap", attributes: { time: "2025-11-22T00:00:00Z", message: "m" } },
  ],
  [
    "zap with a field `timestamp`",
    { level: "info", ts: TIME_MS / 1_000, msg: "zap", timestamp: 1_764_562_871 },
    { "@timestamp": TIME, attributes: { timestamp: 1_764_562_871 } },
  ],
  [
    "logrus with a field `message`",
    { level: "info", message: "attr", msg: "order placed", time: TIME },
    { "@timestamp": TIME, body: "order placed", attributes: { message: "attr" } },
  ],
  [
    "zerolog with a field `msg`",
    { level: "info", msg: "attr", time: TIME, message: "order placed" },
    { "@timestamp": TIME, body: "order placed", attributes: { msg: "attr" } },
  ],
  [
    "winston with a field `msg`",
    { level: "info", message: "order placed", msg: "attr", timestamp: TIME },
    { "@timestamp": TIME, body: "order placed", attributes: { msg: "attr" } },
  ],
  [
    "structlog with fields named like those of other loggers",
    { msg: "a", text: "b", time: "2025-11-22T00:00:00Z", event: "opened", timestamp: TIME, level: "info" },
    { "@timestamp": TIME, body: "opened", attributes: { msg: "a", text: "b", time: "2025-11-22T00:00:00Z" } },
  ],
  [
    "logstash-logback-encoder whose message is named `msg`",
    { "@timestamp": TIME, "@version": "1", msg: "paid", logger_name: "a", level: "WARN", message: "of the MDC" },
    { "@timestamp": TIME, body: "paid", ...level("warn"), attributes: { message: "of the MDC" } },
  ],
  [
    "Rust tracing without a time",
    { level: "ERROR", fields: { message: "declined", order: 7 }, target: "shop::pay" },
    { body: "declined", ...level("error"), log: { logger: "shop::pay" }, edgelog: { dialect: "tracing" } },
  ],
  [
    "hclog",
    { "@level": "error", "@message": "declined", "@module": "core", "@timestamp": "2025-11-23T09:00:00.123000Z", a: 1 },
    { "@timestamp": TIME, body: "declined", ...level("error"), log: { logger: "core" }, attributes: { a: 1 } },
  ],
  [
    "winston's format.logstash()",
    { "@fields": { level: "error", order: 7 }, "@message": "declined", "@timestamp": TIME },
    { "@timestamp": TIME, body: "declined", ...level("error"), attributes: { order: 7 } },
  ],
  [
    "eliot",
    { timestamp: TIME_MS / 1_000, task_uuid: "u", task_level: [1], message_type: "shop:declined", order: 7 },
    { "@timestamp": TIME, body: "shop:declined", attributes: { order: 7, task_uuid: "u" } },
  ],
  [
    ".NET's AddJsonConsole",
    { Timestamp: TIME, EventId: 0, LogLevel: "Error", Category: "Shop.Pay", Message: "declined", State: { a: 1 } },
    { "@timestamp": TIME, body: "declined", ...level("error"), log: { logger: "Shop.Pay" } },
  ],
  [
    "Serilog's JsonFormatter",
    {
      Timestamp: TIME,
      Level: "Fatal",
      MessageTemplate: "Order {Id}",
      RenderedMessage: "Order 7",
      Exception: "System.Exception: declined\n   at Pay()",
    },
    {
      "@timestamp": TIME,
      body: "Order 7",
      ...level("fatal"),
      exception: { stacktrace: "System.Exception: declined\n   at Pay()" },
      attributes: { MessageTemplate: "Order {Id}" },
    },
  ],
  [
    "zap's development configuration",
    { L: "ERROR", T: "2025-11-23T10:00:00.123+0100", C: "shop/pay.go:42", M: "declined", S: "main.pay\n\t/app" },
    {
      "@timestamp": TIME,
      body: "declined",
      ...level("error"),
      code: { file: { path: "shop/pay.go" }, line: { number: 42 } },
      exception: { stacktrace: "main.pay\n\t/app" },
    },
  ],
  [
    "a line with a message and fields of .NET",
    { level: "info", message: "x", Level: "Error", Message: "y", Category: "books", "@module": "a" },
    { body: "x", ...level("info"), attributes: { Level: "Error", Message: "y", Category: "books", "@module": "a" } },
  ],
];
