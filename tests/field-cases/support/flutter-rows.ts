/**
 * Rows of the test of shapes for flutter_logs. See shape-rows.ts.
 */
import { MAX_STACKTRACE_LENGTH } from "#contract/wire/limits.ts";
import { flutterRecord, toFlutterPayload } from "./flutter-payloads.ts";
import type { ShapeRow } from "./shape-rows.ts";

const level = (text: string): object => ({ severity: { text } });

const keys = (mark: string, count: number): string =>
  JSON.stringify({ mark, ...Object.fromEntries(Array.from({ length: count - 1 }, (_, i) => [`k${i}`, i])) });

export const FLUTTER_ROWS: readonly ShapeRow[] = [
  ...[120, 121, 128, 129, 300].map((count): ShapeRow => ({
    id: "B2",
    name: `flutter_logs: message is JSON with ${count} values`,
    payload: (mark) => toFlutterPayload("INFO", { message: keys(mark, count) }),
    logs: (mark) => [{ body: keys(mark, count), attributes: { message: { mark, k0: 0 } } }],
  })),
  {
    id: "B2",
    name: "flutter_logs: labels with 200 values",
    payload: (mark) => toFlutterPayload("INFO", { message: mark, labels: keys("x", 200) }),
    logs: () => [{ attributes: { "edgelog.omitted": `{"labels":${keys("x", 200)}}` } }],
  },
  {
    id: "B3",
    name: "flutter_logs: one value over 8,192 in the JSON of message",
    payload: (mark) => toFlutterPayload("INFO", { message: JSON.stringify({ mark, long: "v".repeat(9_000) }) }),
    logs: (mark) => [
      {
        attributes: { message: { mark } },
        edgelog: { shortened: [{ field: "attributes.message.long", length: 9_000 }] },
      },
    ],
  },
  {
    id: "B3",
    name: "flutter_logs: a stack over the limit",
    payload: (mark) =>
      toFlutterPayload("ERROR", { message: mark, "error.stack_trace": ["s".repeat(MAX_STACKTRACE_LENGTH), "end"] }),
    logs: () => [
      {
        ...level("error"),
        edgelog: { shortened: [{ field: "attributes.exception.stacktrace", length: MAX_STACKTRACE_LENGTH + 4 }] },
      },
    ],
  },
  {
    id: "B3",
    name: "flutter_logs: a message over the limit",
    payload: (mark) => toFlutterPayload("WARNING", { message: `${mark} ${"m".repeat(200_000)}` }),
    logs: (mark) => [{ ...level("warn"), edgelog: { shortened: [{ field: "body", length: 200_001 + mark.length }] } }],
  },
  {
    id: "B3",
    name: "flutter_logs, plain mode: a message over the limit",
    payload: (mark) => flutterRecord(`${mark} ${"m".repeat(200_000)}`, "SEVERE"),
    logs: (mark) => [{ ...level("fatal"), edgelog: { shortened: [{ field: "body", length: 200_001 + mark.length }] } }],
  },
  {
    id: "B3",
    name: "flutter_logs: long labels, tag and device name",
    payload: (mark) =>
      toFlutterPayload("INFO", {
        message: mark,
        labels: "l".repeat(9_000),
        "service.name": "t".repeat(9_000),
        host: { "host.name": "h".repeat(9_000) },
      }),
    logs: () => [
      {
        edgelog: {
          shortened: [
            { field: "attributes.log.tag", length: 9_000 },
            { field: "attributes.labels", length: 9_000 },
            { field: "resource.device.name", length: 9_000 },
          ],
        },
      },
    ],
  },
  {
    id: "B4",
    name: "flutter_logs: labels that are text",
    payload: (mark) => toFlutterPayload("INFO", { message: mark, labels: "beta tester" }),
    logs: () => [{ attributes: { labels: "beta tester" } }],
  },
  {
    id: "B4",
    name: "flutter_logs: a position with decimal commas",
    payload: (mark) =>
      toFlutterPayload("INFO", { message: mark, geo: { "geo.location": '{ "lon": 13,4, "lat": 52,5 }' } }),
    logs: () => [{ geo: { location: { lat: 52.5, lon: 13.4 } } }],
  },
  {
    id: "B4",
    name: "flutter_logs: a position that cannot be read",
    payload: (mark) => toFlutterPayload("INFO", { message: mark, geo: { "geo.location": "near Berlin" } }),
    logs: () => [{ attributes: { "geo.location": "near Berlin" } }],
  },
  {
    id: "B4",
    name: "flutter_logs: trace.id and transaction.id",
    payload: (mark) =>
      toFlutterPayload("WARNING", {
        message: mark,
        "trace.id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "transaction.id": "t-1",
      }),
    logs: () => [
      { ...level("warn"), traceId: "4bf92f3577b34da6a3ce929d0e0e4736", attributes: { "transaction.id": "t-1" } },
    ],
  },
  {
    id: "B4",
    name: "flutter_logs: a trace.id that is not one",
    payload: (mark) => toFlutterPayload("WARNING", { message: mark, "trace.id": "order-7" }),
    logs: () => [{ ...level("warn"), attributes: { "trace.id": "order-7" } }],
  },
  {
    id: "B4",
    name: "flutter_logs: an unknown level",
    payload: (mark) => toFlutterPayload("INFO", { message: mark, "log.level": "ASSERT" }),
    logs: () => [{ ...level("info"), attributes: { "log.level": "ASSERT" } }],
  },
  {
    id: "B4",
    name: "flutter_logs: function and line of log.origin",
    payload: (mark) =>
      toFlutterPayload("ERROR", {
        message: mark,
        "log.origin": { "file.name": "Cart", function: "pay", "file.line": 41 },
      }),
    logs: () => [{ log: { tag: "Cart" }, code: { function: { name: "pay" }, line: { number: 41 } } }],
  },
  {
    id: "B6",
    name: "flutter_logs, plain mode: a file of three lines",
    payload: (mark) =>
      [
        flutterRecord(`one ${mark}`, "INFO"),
        flutterRecord(`two ${mark}`, "WARNING"),
        flutterRecord(`zero ${mark}`, "SEVERE"),
      ].join("\n"),
    logs: (mark) => [
      { body: `one ${mark}`, ...level("info"), log: { tag: "Pay", subtag: "Card" } },
      { body: `two ${mark}`, ...level("warn") },
      { body: `zero ${mark}`, ...level("fatal") },
    ],
  },
  {
    id: "B6",
    name: "flutter_logs, plain mode: CRLF, messages with several lines and braces",
    payload: (mark) =>
      `${flutterRecord(`a ${mark}\n{"b":1}\n  at f`, "ERROR")}\r\n${flutterRecord(`b ${mark} {x}  {y}`, "INFO")}\r\n`,
    logs: (mark) => [
      { body: `a ${mark}\n{"b":1}\n  at f`, ...level("error") },
      { body: `b ${mark} {x}  {y}`, ...level("info") },
    ],
  },
  {
    id: "B6",
    name: "flutter_logs, ELK mode: a file of lines",
    payload: (mark) =>
      (["INFO", "WARNING", "SEVERE"] as const)
        .map((each) => JSON.stringify(toFlutterPayload(each, { message: `${each} ${mark}` })))
        .join("\n"),
    logs: (mark) => [
      { body: `INFO ${mark}`, ...level("info") },
      { body: `SEVERE ${mark}`, ...level("fatal") },
      { body: `WARNING ${mark}`, ...level("warn") },
    ],
  },
];
