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
    { "@timestamp": TIME, body: "a field", ...level("warn"), attributes: { event: "cart opened" } },
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
];
