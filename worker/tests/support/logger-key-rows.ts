/**
 * Lines of common loggers with keys that others use for something else, and parts of the documents that they become.
 */
import { level } from "./json-line-rows.ts";

const TIME = "2025-11-23T09:00:00.123Z";
const TIME_MS = Date.parse(TIME);

export const LOGGER_KEY_ROWS: readonly (readonly [name: string, line: object, expected: object])[] = [
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
    { text: "b", time: "2025-11-22T00:00:00Z", event: "opened", timestamp: TIME, level: "info" },
    { "@timestamp": TIME, body: "opened", attributes: { text: "b", time: "2025-11-22T00:00:00Z" } },
  ],
  [
    "logstash-logback-encoder whose message is named `msg`",
    { "@timestamp": TIME, "@version": "1", msg: "paid", logger_name: "a", level: "WARN", message: "of the MDC" },
    { "@timestamp": TIME, body: "paid", ...level("warn"), attributes: { message: "of the MDC" } },
  ],
  [
    "hclog with a field `msg`",
    { "@level": "error", "@message": "failed", "@timestamp": TIME, msg: "a field" },
    { "@timestamp": TIME, body: "failed", ...level("error"), attributes: { msg: "a field" } },
  ],
  [
    "AddJsonConsole with a field `msg`",
    { Timestamp: TIME, LogLevel: "Error", Category: "Shop", Message: "failed", msg: "a field" },
    { "@timestamp": TIME, body: "failed", ...level("error"), attributes: { msg: "a field" } },
  ],
  [
    "a program with keys that zap's development configuration has",
    { "@timestamp": TIME, level: "error", text: "sizes", L: "en", T: "shirt", M: "large" },
    { "@timestamp": TIME, body: "sizes", ...level("error"), attributes: { L: "en", T: "shirt", M: "large" } },
  ],
  [
    "a program with the keys of logrus that are not sorted",
    { level: "info", service: "shop", message: "paid", msg: "a field", time: TIME, app: "web" },
    { "@timestamp": TIME, body: "paid", attributes: { msg: "a field", app: "web" } },
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
