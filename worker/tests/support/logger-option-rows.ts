/**
 * Lines of common loggers with other options or fields than in json-line-rows.ts, and parts of the documents that they become.
 */
import { expect } from "vitest";
import { level } from "./json-line-rows.ts";

const TIME = "2025-11-23T09:00:00.123Z";
const TIME_MS = Date.parse(TIME);

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
  ["pino without a time and a process", { level: 50, msg: "failed" }, { body: "failed", ...level("error") }],
  [
    "pino with a time of another name",
    { level: 50, timestamp: TIME, pid: 7, hostname: "web-1", msg: "failed" },
    { "@timestamp": TIME, body: "failed", ...level("error") },
  ],
  [
    "pino with an object only",
    { level: 30, time: TIME_MS, pid: 7, hostname: "web-1", order: { id: 7 } },
    { body: expect.stringMatching(/"order":\{"id":7\}/), attributes: { order: { id: 7 } } },
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
];
