/**
 * Lines of text formats: syslog, access logs and logfmt.
 */
import { describe, expect, it } from "vitest";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

/** Its time is 2025-11-28T02:02:43Z. */
const STAMP = "019ac832-cc00-7000-8000-0000000000aa";

const planText = (text: string): readonly object[] =>
  planDelivery({ stamp: STAMP, transport: "http", app: "shop", payload: Buffer.from(text) }, 30).events.map(
    ({ newDocument }) => JSON.parse(newDocument.source) as object,
  );

describe("lines of text", () => {
  it.each([
    [
      "syslog, RFC 3164",
      "<34>Nov 28 20:40:00 web-1 su[7]: 'su root' failed",
      {
        body: "'su root' failed",
        severity: { text: "fatal" },
        attributes: { "process.pid": "7", "syslog.timestamp": "Nov 28 20:40:00" },
        resource: { host: { name: "web-1" }, service: { name: "su" } },
        edgelog: { dialect: "syslog_bsd" },
      },
    ],
    [
      "syslog as rsyslog forwards it",
      "<13>2025-11-23T10:00:00.123456+01:00 web-1 app: done",
      { "@timestamp": "2025-11-23T09:00:00.123456000Z", body: "done", edgelog: { dialect: "syslog_bsd" } },
    ],
    [
      "the combined format of access logs",
      '192.0.2.1 - ann [23/Nov/2025:10:00:00 +0100] "GET /a?b=1 HTTP/1.1" 404 153 "https://shop.example/" "Mozilla/5.0 (X11)" "-"',
      {
        "@timestamp": "2025-11-23T09:00:00.000Z",
        severity: { text: "info" },
        http: { request: { method: "GET" }, response: { status_code: 404, body: { size: 153 } } },
        attributes: { "client.address": "192.0.2.1" },
        edgelog: { dialect: "access" },
      },
    ],
    [
      "the common format, with a request that is not HTTP",
      String.raw`::1 - - [23/Nov/2025:10:00:00 +0100] "\x16\x03" 400 -`,
      { http: { response: { status_code: 400 } }, edgelog: { dialect: "access" } },
    ],
    [
      "logfmt",
      String.raw`ts=2025-11-23T09:00:00Z caller=main.go:42 level=warn msg="disk \"a\" full" free=3 url=/a?b=c`,
      {
        "@timestamp": "2025-11-23T09:00:00.000Z",
        body: 'disk "a" full',
        severity: { text: "warn" },
        attributes: { free: "3", url: "/a?b=c" },
        edgelog: { dialect: "logfmt" },
      },
    ],
    [
      "logfmt of structlog",
      'timestamp=2025-11-23T09:00:00Z level=error event="Payment failed" retry dry_run=false order.id=7',
      {
        "@timestamp": "2025-11-23T09:00:00.000Z",
        body: "Payment failed",
        severity: { text: "error" },
        attributes: { retry: true, dry_run: "false", "order.id": "7" },
        edgelog: { dialect: "logfmt" },
      },
    ],
    [
      "logfmt of slog, with keys in quotation marks",
      String.raw`time=2025-11-23T09:00:00Z level=ERROR msg="a" "odd key"=1 "a \"b\".c"="d e" ""=`,
      {
        "@timestamp": "2025-11-23T09:00:00.000Z",
        body: "a",
        severity: { text: "error" },
        attributes: { "odd key": "1", 'a "b".c': "d e" },
        edgelog: { dialect: "logfmt" },
      },
    ],
    [
      "logfmt of log15",
      "t=2025-11-23T10:00:00+0100 lvl=eror msg=x message=y",
      {
        "@timestamp": "2025-11-23T09:00:00.000Z",
        body: "x",
        severity: { text: "error" },
        attributes: { message: "y" },
      },
    ],
    [
      "logfmt with keys without a value",
      'level=warn msg="cache miss" debug from-disk',
      { body: "cache miss", severity: { text: "warn" }, attributes: { debug: true, "from-disk": true } },
    ],
  ])("are decoded by their shape: %s", (_name, line, expected) => {
    expect(planText(line)[0]).toMatchObject(expected);
    expect(planText(`${line}\n${line}\n`)).toHaveLength(2);
  });

  it.each([
    ["a sentence with a pair", "request failed msg=timeout level=warn"],
    ["pairs without a message", "level=info status=200"],
    ["a sentence with a pair in quotation marks", 'request failed msg="timeout" level=warn'],
    ["a message without quotation marks", "level=info msg=User logged in from web"],
    ["a word with punctuation", 'level=info msg="timeout" retrying...'],
    ["a line of another log", "192.0.2.1 - - [today] GET /"],
    ["a priority without a tag", "<34>hello"],
  ])("stay text if they have no known shape: %s", (_name, line) => {
    expect(planText(line)).toMatchObject([{ body: line, edgelog: { dialect: "text" } }]);
  });

  it("of a stack trace belong to the line before", () => {
    const trace =
      "java.lang.Error: no card\n\tat shop.Pay.run(Pay.java:7)\nCaused by: java.io.IOException: closed\n\t... 3 more";
    const bodies = planText(`{"level":"info","msg":"a","ts":1}\n${trace}\n{"level":"info","msg":"b","ts":1}`).map(
      (source) => (source as { readonly body: string }).body,
    );
    expect(bodies).toEqual(["a", trace, "b"]);
  });
});
