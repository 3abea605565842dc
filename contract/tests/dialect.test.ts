import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DIALECTS, isGzip, recognizePayload } from "#contract/wire/dialect.ts";
import { measureCpuMs } from "../../tests/support/measure-cpu.ts";

const recognize = (text: string) => recognizePayload(new TextEncoder().encode(text));

const ID = "019ab0c0-1111-7000-8000-000000000001";

/** A payload that only this dialect matches. */
const EXAMPLES: Readonly<Record<keyof typeof DIALECTS, string>> = {
  text: "Started\n",
  cri: "2026-11-28T20:40:00.123456789Z stdout F Started",
  syslog: "<34>1 2026-11-28T20:40:00Z host app 7 - - Started",
  syslog_bsd: "<34>Nov 28 20:40:00 host app[7]: Started",
  access: '192.0.2.1 - - [28/Nov/2026:20:40:00 +0000] "GET / HTTP/1.1" 200 5',
  logfmt: "level=info msg=Started",
  flutter_text: "{tag}  {sub}  {Started}  {05 June 2022 05:04:35 PM}  {INFO}",
  batch: '{"v":1,"events":[]}',
  otlp: '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"Started"}}]}]}]}',
  flutter_json: '{"labels":"{}","log.level":"INFO","message":"Started","log.logger":"PLogger"}',
  ecs: '{"@timestamp":"2026-11-28T20:40:00Z","log.level":"INFO","message":"Started"}',
  clef: '{"@t":"2026-11-28T20:40:00Z","@mt":"Started"}',
  logstash: '{"@timestamp":"2026-11-28T20:40:00Z","@version":"1","message":"Started","level":"INFO"}',
  gelf: '{"version":"1.1","host":"web-1","short_message":"Started"}',
  docker: '{"log":"Started\\n","stream":"stdout","time":"2026-11-28T20:40:00Z"}',
  journald: '{"MESSAGE":"Started","__REALTIME_TIMESTAMP":"1795898400123456"}',
  log4j: '{"instant":{"epochSecond":1795898400,"nanoOfSecond":1},"level":"INFO","loggerName":"a","message":"Started"}',
  tracing: '{"timestamp":"2026-11-28T20:40:00Z","level":"INFO","fields":{"message":"Started"},"target":"app"}',
  loguru: JSON.stringify({ text: "Started\n", record: { level: { name: "INFO" }, message: "Started" } }),
  bunyan: '{"name":"app","hostname":"web-1","pid":1,"level":30,"msg":"Started","time":"2026-11-28T20:40:00Z","v":0}',
  pino: '{"level":30,"time":1795898400123,"pid":1,"hostname":"web-1","msg":"Started"}',
  json_line: '{"level":"info","message":"Started"}',
  event: '{"body":"Started"}',
};

describe("recognizePayload", () => {
  it.each(Object.entries(EXAMPLES))("recognizes %s", (dialect, text) => {
    expect(recognize(text)).toMatchObject({
      ok: true,
      dialect,
      input: DIALECTS[dialect as keyof typeof DIALECTS].input,
    });
  });

  it("removes one line break at the end of a text", () => {
    expect(recognize("a\r\n\r\n")).toMatchObject({ text: "a\r\n" });
  });

  const itemsOf = (text: string): readonly unknown[] => {
    const payload = recognize(text);
    if (!payload.ok || payload.input !== "list") return [payload];
    return payload.items.map((item) => {
      if (!item.ok) return item.violation.reason;
      return item.input === "text"
        ? [item.dialect, item.text]
        : [item.dialect, item.input === "object" ? item.object : item.value];
    });
  };
  const CRI = "2026-11-28T20:40:00.123456789Z";
  const EVENT_A = ["event", { body: "a" }];
  const EVENT_B = ["event", { body: "b" }];
  const record = (message: string, level = "INFO"): string =>
    `{t}  {s}  {${message}}  {05 June 2022 05:04:35 PM}  {${level}}`;

  it.each([
    ["a JSON array", '[{"body":"a"},1]', [EVENT_A, ["event", 1]]],
    ["NDJSON", '{"body":"a"}\n\n{"body":"b"}\n', [EVENT_A, EVENT_B]],
    ["NDJSON with CRLF", '{"body":"a"}\r\n{"body":"b"}\r\n', [EVENT_A, EVENT_B]],
    ["values without a line feed", '{"body":"a"}{"body":"b"}', [EVENT_A, EVENT_B]],
    ["values with commas", '{"body":"a"}, {"body":"b"},', [EVENT_A, EVENT_B]],
    ["a JSON text sequence", '\u001e{"body":"a"}\n\u001e{"body":"b"}\n', [EVENT_A, EVENT_B]],
    ["values with several lines", '{\n "body": "a"\n}\n{\n "body":\n"b"\n}', [EVENT_A, EVENT_B]],
    ["an array on each line", '[{"body":"a"}]\n[{"body":"b"}]', [EVENT_A, EVENT_B]],
    ["braces in strings", '{"body":"}{"}{"body":"b"}', [["event", { body: "}{" }], EVENT_B]],
    [
      "text before JSON",
      'Debugger attached.\n{"body":"a"}\n{"body":"b"}',
      [["text", "Debugger attached."], EVENT_A, EVENT_B],
    ],
    ["text between JSON", '{"body":"a"}\n[INFO] up\n{"body":"b"}', [EVENT_A, ["text", "[INFO] up"], EVENT_B]],
    [
      "a stack trace between JSON",
      '{"body":"a"}\nE: x\n    at f\n    at g\n{"body":"b"}',
      [EVENT_A, ["text", "E: x\n    at f\n    at g"], EVENT_B],
    ],
    ["a number and a string as lines", '{"body":"a"}\n42\n"x"', [EVENT_A, ["text", "42"], ["text", '"x"']]],
    [
      "an object among text that is not an event",
      'Request:\n{"id":1}\n{"body":"a"}',
      [["text", "Request:"], ["text", '{"id":1}'], EVENT_A],
    ],
    [
      "an event among text that is not valid",
      'starting\n{"body":"hi","user":"bob"}\n{"body":"x","severity":"LOUD"}\n{"body":"a"}',
      [
        ["text", "starting"],
        ["text", '{"body":"hi","user":"bob"}'],
        ["text", '{"body":"x","severity":"LOUD"}'],
        EVENT_A,
      ],
    ],
    [
      "lines of logfmt after lines of text",
      "starting\nup\n\n    at f\nlevel=info msg=a\nlevel=info msg=b\n",
      [
        ["text", "starting"],
        ["text", "up\n    at f"],
        ["logfmt", "level=info msg=a"],
        ["logfmt", "level=info msg=b"],
      ],
    ],
    ["a broken line", '{"body":"a"}\n{"body', [EVENT_A, ["text", '{"body']]],
    ["a broken object", '{"body":"a"}\n{"body":', [EVENT_A, "invalid_json"]],
    [
      "lines of a container, with a line in parts",
      `${CRI} stdout F a\n${CRI} stderr P b1\n${CRI} stderr F b2\n${CRI} stdout F {"body":"c"}`,
      [
        ["cri", `${CRI} stdout F a`],
        ["cri", `${CRI} stderr P b1\n${CRI} stderr F b2`],
        ["cri", `${CRI} stdout F {"body":"c"}`],
      ],
    ],
    [
      "lines of syslog and text",
      `<34>1 - - - - - - a\nplain\n<999>2 x`,
      [
        ["syslog", "<34>1 - - - - - - a"],
        ["text", "plain"],
        ["text", "<999>2 x"],
      ],
    ],
    ["a batch among others", '{"body":"a"}\n{"v":1,"events":[]}', [EVENT_A, "unknown_shape"]],
    [
      "records of flutter_logs",
      [record("a"), record("b", "SEVERE"), record("c\n{d}")].join("\n"),
      [
        ["flutter_text", record("a")],
        ["flutter_text", record("b", "SEVERE")],
        ["flutter_text", record("c\n{d}")],
      ],
    ],
    [
      "records of flutter_logs after text",
      `--- start\n${record("a")}\n`,
      [
        ["text", "--- start"],
        ["flutter_text", record("a")],
      ],
    ],
    [
      "a record of flutter_logs without an end",
      `{t}  {s}  {a\n${record("b")}`,
      [
        ["text", "{t}  {s}  {a"],
        ["flutter_text", record("b")],
      ],
    ],
  ])("returns the items of %s", (_, text, items) => {
    expect(itemsOf(text)).toEqual(items);
  });

  it.each([
    "[INFO] server listening",
    "{'level': 'info'}",
    "{user} logged in",
    'Request:\n{"a":1}',
    "a\n{\nb",
    "[a]\n[b]",
    `starting\n${"level=info msg=a\n".repeat(1_000)}end`,
    `${"a\nlevel=info msg=a\n".repeat(501)}end`,
    "{",
  ])("takes %j for text", (text) => {
    expect(recognize(text)).toMatchObject({ ok: true, input: "text", dialect: "text", text });
  });

  // Taken for the line of a logger, its id would not be that of the log, and a resend would be a second log.
  it.each([
    { body: "b", severity: "error", time: 1, id: ID, attributes: { a: 1 }, event: "checkout" },
    { body: "b", severity: "error", time: 1, level: "info" },
    { body: "b", severity: "info", id: ID, LogLevel: "Error", Message: "m" },
    { severity: "info", attributes: {}, "@message": "m", "@timestamp": 1 },
  ])("recognizes an event with a field of loggers: %j", (event) => {
    expect(recognize(JSON.stringify(event))).toMatchObject({ ok: true, dialect: "event" });
  });

  it.each([
    { Message: "m", Level: "Error" },
    { "@message": "m", "@timestamp": 1 },
  ])("recognizes a batch with a field of loggers: %j", (fields) => {
    const batch = { v: 1, events: [{ body: "b" }], ...fields };
    expect(recognize(JSON.stringify(batch))).toMatchObject({ ok: true, dialect: "batch" });
  });

  it("returns the lines of logfmt after a line of text, up to 1,000 events", () => {
    expect(itemsOf(`starting\n${"level=info msg=a\n".repeat(999)}`)).toHaveLength(1_000);
  });

  it("joins lines of text if there are more events than a batch may have", () => {
    const items = itemsOf(`${"line\n".repeat(2_000)}{"body":"a"}`);
    expect(items).toEqual([["text", Array.from({ length: 2_000 }, () => "line").join("\n")], EVENT_A]);
  });

  it("keeps each line of a text with half a million lines", () => {
    const lines = Array.from({ length: 400_000 }, (_, i) => String(i % 10));
    expect(itemsOf(`{"body":"a"}\n${lines.join("\n")}\n{"body":"b"}`)).toEqual([
      EVENT_A,
      ["text", lines.join("\n")],
      EVENT_B,
    ]);
  });

  const TOO_MANY_PARTS = "The payload has more than 32768 lines and values; the maximum is 1000.";
  it.each([
    ["values on one line", "{}".repeat(500_000), TOO_MANY_PARTS],
    ["lines with a value", "{}\n".repeat(300_000), TOO_MANY_PARTS],
    ["lines with a list", "[{},{}]\n".repeat(100_000), TOO_MANY_PARTS],
    ["lines of a format", `${EXAMPLES.logfmt}\n`.repeat(40_000), TOO_MANY_PARTS],
    ["values in a list", `[${"{},".repeat(60_000)}{}]`, "The payload has 60001 events; the maximum is 1000."],
    [
      "values in a list that is not parsed as a whole",
      `[${"{},".repeat(300_000)}{}]`,
      "The payload has 300001 events; the maximum is 1000.",
    ],
    [
      "values in a batch that is not parsed as a whole",
      `{"v":1,"events":[${"{},".repeat(300_000)}{}]}`,
      "The payload has 300001 events; the maximum is 1000.",
    ],
  ])("does not create items of too many %s", (_, text, message) => {
    expect(recognize(text)).toMatchObject({ ok: false, violation: { reason: "too_many_events", message } });
  });

  it("does not parse lines after 10,000 that look like JSON and are not", () => {
    const broken = '{"a":x}\n';
    const after = (lines: number): string => `${broken.repeat(lines)}{"body":"a"}`;
    expect(itemsOf(after(10)).at(-1)).toEqual(EVENT_A);
    expect(itemsOf(after(9_990)).at(-1)).toEqual(EVENT_A);
    expect(recognize(after(10_010))).toMatchObject({ ok: false, violation: { reason: "invalid_json" } });
  });

  it.each(["[{'sku': 1, 'n': 2}]", "{'a': 1}", '{"a"=>1}', "[{ a: 1 }]"])(
    "finds JSON after many lines such as %s",
    (line) => {
      const items = itemsOf(`${`${line}\n`.repeat(20_000)}{"body":"a"}`);
      expect(items.at(-1)).toEqual(EVENT_A);
    },
  );

  it.each([
    ["", "empty_payload"],
    [" \n", "empty_payload"],
    ["[]", "empty_payload"],
    ['{"body":"a"', "invalid_json"],
    ['[{"body":"a"},', "invalid_json"],
    ['{"a":1}', "unknown_shape"],
    ["[".repeat(33), "too_deep"],
  ])("rejects %j as %s", (text, reason) => {
    expect(recognize(text)).toMatchObject({ ok: false, violation: { reason } });
  });

  it.each([
    ["open brackets", "{\n".repeat(300_000)],
    ["unclosed objects", '{"a":\n'.repeat(100_000)],
    ["starts of records", `${record("").slice(0, 12)}\n`.repeat(50_000)],
    ["white space", `{${" ".repeat(1_000)}\n`.repeat(1_000)],
    ["record separators", "\u001e ".repeat(400_000)],
    ["pairs of logfmt", `x\nlevel=a msg="b" ${'"a\\"b"=1 c= '.repeat(80_000)}"`],
    ["quotation marks of logfmt", `level=a msg="b" ${'"'.repeat(1_000_000)}`],
    ["lines of text", "a=b msg= level=\n".repeat(60_000) + "{"],
    ["backslashes", `{"${"\\".repeat(900_000)}`],
  ])("takes linear time for %s", (_, text) => {
    expect(measureCpuMs(() => void recognize(text))).toBeLessThan(3_000);
  });

  it("rejects bytes that are not UTF-8", () => {
    expect(recognizePayload(Uint8Array.of(0x7b, 0xff))).toMatchObject({ violation: { reason: "not_utf8" } });
  });

  it("returns a result for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(typeof recognizePayload(bytes).ok).toBe("boolean");
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("isGzip", () => {
  it("is false for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(isGzip(new TextEncoder().encode(text))).toBe(false);
      }),
    );
  });

  it("is true for a gzip header", () => {
    expect(isGzip(Uint8Array.of(0x1f, 0x8b, 8))).toBe(true);
  });
});
