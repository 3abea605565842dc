/**
 * Requests in the protocols of other log services, as their documentation or their clients write them, and parts of the documents that
 * they become.
 */
import { PLATFORM_ROWS, type IntakeRow } from "./platform-rows.ts";

const TIME = "2025-11-23T09:00:00.123Z";
const MS = Date.parse(TIME);
const TRACE_ID = "5b8efff798038103d269b633813fc60c";
const STACK =
  "java.lang.IllegalStateException: no card\n\tat shop.Pay.run(Pay.java:7)\nCaused by: java.io.IOException: closed";

const level = (text: string): object => ({ severity: { text } });

export const INTAKE_ROWS: readonly IntakeRow[] = [
  {
    name: "Loki: labels, structured metadata, and lines of pino, logfmt and text",
    intake: "loki",
    body: JSON.stringify({
      streams: [
        {
          stream: { service_name: "shop", host: "web-1", level: "error", job: "app" },
          values: [
            [`${MS}456789`, JSON.stringify({ level: 40, time: MS, msg: "slow", n: 1 })],
            [`${MS}456789`, JSON.stringify({ level: "error", ts: MS / 1_000, msg: "failed", body: "{}", events: 3 })],
            [`${MS}456789`, 'level=debug msg="cache miss" key=a ts=2025-11-23T09:00:00.5Z'],
            [`${MS}456789`, JSON.stringify({ level: "info", msg: "GET /", time: 12 })],
            [`${MS}456789`, "severe", { severity_number: "21" }],
            [`${MS}456789`, "Grüße 😀 日本", { trace_id: TRACE_ID, user: "u-1" }],
          ],
        },
      ],
    }),
    expected: [
      {
        "@timestamp": TIME,
        body: "slow",
        ...level("warn"),
        attributes: { n: 1, job: "app" },
        resource: { service: { name: "shop" }, host: { name: "web-1" } },
        edgelog: { dialect: "pino" },
      },
      { "@timestamp": TIME, body: "failed", ...level("error"), attributes: { body: "{}", events: 3 } },
      { "@timestamp": "2025-11-23T09:00:00.500Z", body: "cache miss", ...level("debug"), attributes: { key: "a" } },
      { "@timestamp": "2025-11-23T09:00:00.123456789Z", body: "GET /", attributes: { time: 12 } },
      { body: "severe", ...level("fatal") },
      {
        "@timestamp": "2025-11-23T09:00:00.123456789Z",
        body: "Grüße 😀 日本",
        ...level("error"),
        traceId: TRACE_ID,
        attributes: { job: "app", user: "u-1" },
        edgelog: { dialect: "loki" },
      },
    ],
  },
  {
    name: "Datadog: tags, and a message that is JSON",
    intake: "datadog",
    params: { ddsource: "nodejs" },
    body: JSON.stringify([
      {
        message: "Payment failed",
        ddtags: "env:prod,version:1.4.2,canary,team:pay",
        hostname: "web-1",
        service: "shop",
        status: "error",
        timestamp: MS,
        "dd.trace_id": "123",
      },
      { message: JSON.stringify({ level: "warn", message: "slow", time: TIME, n: 1 }), service: "shop" },
      { MESSAGE: "disk failed", PRIORITY: "3", timestamp: MS },
      { message: "slow", status: 4 },
    ]),
    expected: [
      {
        "@timestamp": TIME,
        body: "Payment failed",
        ...level("error"),
        resource: {
          host: { name: "web-1" },
          service: { name: "shop", version: "1.4.2" },
          deployment: { environment: { name: "prod" } },
        },
        attributes: { ddtags: ["canary"], "ddtags.team": "pay", ddsource: "nodejs", "dd.trace_id": "123" },
        edgelog: { dialect: "datadog" },
      },
      { "@timestamp": TIME, body: "slow", ...level("warn"), attributes: { n: 1, ddsource: "nodejs" } },
      { "@timestamp": TIME, body: "disk failed", ...level("error") },
      { body: "slow", ...level("warn") },
    ],
  },
  {
    name: "Datadog: lines of text",
    intake: "datadog",
    params: { service: "shop" },
    body: `first\n${STACK}\n`,
    expected: [{ body: "first", resource: { service: { name: "shop" } } }, { body: STACK }],
  },
  {
    name: "Splunk: objects without separators, texts and objects as events",
    intake: "splunk",
    body:
      JSON.stringify({ time: MS / 1_000, host: "web-1", source: "app", event: "Started", fields: { region: "eu" } }) +
      JSON.stringify({ time: String(MS / 1_000), event: { message: "failed", severity: "error", code: 7 } }) +
      JSON.stringify({ time: MS / 1_000, event: { a: 1 } }) +
      JSON.stringify({ event: "boom", fields: { "otel.log.severity.number": 17, "otel.log.severity.text": "ERROR" } }) +
      JSON.stringify({ host: "web-1" }),
    expected: [
      {
        "@timestamp": TIME,
        body: "Started",
        resource: { host: { name: "web-1" } },
        attributes: { "splunk.source": "app", region: "eu" },
        edgelog: { dialect: "splunk" },
      },
      { "@timestamp": TIME, body: "failed", ...level("error"), attributes: { code: 7 } },
      { body: '{"a":1}', attributes: { a: 1 } },
      { body: "boom", ...level("error"), attributes: { "otel.log.severity.text": "ERROR" } },
      { reason: "missing_field", field: "event" },
    ],
  },
  {
    name: "Splunk: Docker's log driver, with lines of JSON and of text",
    intake: "splunk",
    body: [
      { line: { level: "error", msg: "x", id: 7 }, source: "stderr", tag: "abc", attrs: { env: "prod" } },
      { line: { cart: 7, source: "web" }, source: "stdout", tag: "abc" },
      { line: '{"level":50,"msg":"y"}', source: "stdout" },
      { line: "plain", source: "stdout" },
      { line: 42, source: "stdout" },
      { line: [104, 105], source: "stdout" },
      { line: "of another program", source: "file" },
      { line: "with a level and a time", level: "error", time: TIME },
    ]
      .map((event) => JSON.stringify({ event, time: `${MS / 1_000}456`, host: "web-1" }))
      .join(""),
    expected: [
      {
        "@timestamp": "2025-11-23T09:00:00.123456000Z",
        body: "x",
        ...level("error"),
        attributes: { id: 7, source: "stderr", tag: "abc", attrs: { env: "prod" } },
        resource: { host: { name: "web-1" } },
        edgelog: { dialect: "json_line" },
      },
      { body: '{"cart":7,"source":"web"}', attributes: { cart: 7, source: "web", source_2: "stdout", tag: "abc" } },
      { body: "y", ...level("error"), attributes: { source: "stdout" } },
      { body: "plain", attributes: { source: "stdout" } },
      { body: "42", attributes: { source: "stdout" } },
      { body: "[104,105]", attributes: { source: "stdout", line: [104, 105] } },
      { body: "of another program", attributes: { source: "file" } },
      { body: "with a level and a time", ...level("error") },
    ],
  },
  {
    name: "Splunk: lines of text, with a stack trace",
    intake: "splunk_raw",
    params: { host: "web-1" },
    body: `${STACK}\n<34>1 ${TIME} api shop 7 - - done\r\n`,
    expected: [
      { body: STACK, resource: { host: { name: "web-1" } } },
      { "@timestamp": TIME, body: "done", ...level("fatal"), edgelog: { dialect: "syslog" } },
    ],
  },
  ...PLATFORM_ROWS,
  {
    name: "reports of a browser",
    intake: "reports",
    body: JSON.stringify([
      {
        type: "csp-violation",
        age: 10,
        url: "https://shop.example/",
        user_agent: "Mozilla/5.0",
        body: { effectiveDirective: "script-src", blockedURL: "https://evil.example/x.js", disposition: "enforce" },
      },
      { type: "deprecation", url: "https://shop.example/", body: { id: "x", message: "x is deprecated" } },
    ]),
    expected: [
      {
        body: "csp-violation: script-src blocked https://evil.example/x.js",
        ...level("warn"),
        attributes: { "report.type": "csp-violation", "report.disposition": "enforce", "report.age": 10 },
        edgelog: { dialect: "reports" },
      },
      { body: "deprecation: x is deprecated" },
    ],
  },
  {
    name: "a report of a Content Security Policy",
    intake: "reports",
    body: JSON.stringify({
      "csp-report": { "document-uri": "https://shop.example/", "violated-directive": "img-src", "blocked-uri": "data" },
    }),
    expected: [{ body: "csp-violation: img-src blocked data", attributes: { "report.type": "csp-violation" } }],
  },
  {
    name: "GELF",
    intake: "gelf_http",
    body: JSON.stringify({
      version: "1.1",
      host: "web-1",
      short_message: "slow",
      level: 4,
      timestamp: MS / 1_000,
      _n: 1,
    }),
    expected: [
      { "@timestamp": TIME, body: "slow", ...level("warn"), attributes: { n: 1 }, edgelog: { dialect: "gelf" } },
    ],
  },
];
