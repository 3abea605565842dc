/**
 * The lines of a container that belong to one event: parts of a line, and the lines of a stack trace, in the formats of CRI and of
 * Docker's json-file.
 */
import { describe, expect, it } from "vitest";
import { decode } from "../src/ingest/decode.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const STAMP = "019ab0a5-4a00-7000-8000-0000000000aa";

const JAVA = [
  "java.lang.IllegalStateException: no card",
  "\tat shop.Pay.charge(Pay.java:42)",
  "\tat shop.Pay.main(Pay.java:7)",
  "Caused by: java.io.IOException: timeout",
  "\tat shop.Bank.call(Bank.java:9)",
  "\t... 2 more",
];

const PYTHON = [
  "Traceback (most recent call last):",
  '  File "/srv/pay.py", line 3, in <module>',
  "    charge()",
  '  File "/srv/pay.py", line 2, in charge',
  '    raise ValueError("no card")',
  "ValueError: no card",
];

const NODE = (new TypeError("price is undefined").stack ?? "").split("\n");

type Stream = "stdout" | "stderr";

const toTime = (n: number): string => `2025-11-23T09:00:${String(n % 60).padStart(2, "0")}.123456789Z`;

const FRAMES = {
  cri: (line: string, n: number, stream: Stream) => `${toTime(n)} ${stream} F ${line}`,
  docker: (line: string, n: number, stream: Stream) => JSON.stringify({ log: `${line}\n`, stream, time: toTime(n) }),
};

const plan = (lines: readonly string[]) => {
  const payload = new TextEncoder().encode(lines.join("\n"));
  const { events } = planDelivery({ stamp: STAMP, transport: "http", app: "shop", payload }, 365);
  return events.map(({ kind, newDocument }) => ({ kind, ...JSON.parse(newDocument.source) }));
};

describe.each(Object.entries(FRAMES))("lines of the format %s", (format, toFrame) => {
  it.each([
    ["Java", JAVA],
    ["Python", PYTHON],
    ["Node.js", NODE],
  ])("join a stack trace of %s, with the time of its first line", (_, trace) => {
    const lines = ["started", ...trace, "stopped"];
    const logs = plan(lines.map((line, n) => toFrame(line, n, "stderr")));
    expect(logs).toMatchObject([
      { kind: "log", body: "started" },
      {
        kind: "log",
        body: trace.join("\n"),
        "@timestamp": expect.stringMatching(/^2025-11-23T09:00:01\.123/),
        attributes: { "log.iostream": "stderr" },
        edgelog: { dialect: format },
      },
      { kind: "log", body: "stopped" },
    ]);
  });

  it("join a stack trace between whose lines the other stream writes", () => {
    const lines = JAVA.flatMap((line, n) => [toFrame(line, n, "stderr"), toFrame(`request ${n}`, n, "stdout")]);
    const bodies = plan(lines).map(({ body }) => body);
    expect(bodies).toEqual([JAVA.join("\n"), ...JAVA.map((_, n) => `request ${n}`)]);
  });

  it("do not join an indented line to a line of JSON", () => {
    const json = '{"level":"warn","msg":"slow"}';
    const logs = plan([json, "  indented", "next"].map((line, n) => toFrame(line, n, "stdout")));
    expect(logs).toMatchObject([{ body: "slow" }, { body: "  indented" }, { body: "next" }]);
  });

  it("join only lines that are indented, a cause, or the error of a trace of Python", () => {
    const lines = ["ValueError: no card", "TypeError: a", "Traceback (most recent call last):", "ValueError: b"];
    expect(plan(lines.map((line, n) => toFrame(line, n, "stderr")))).toMatchObject(lines.map((body) => ({ body })));
  });

  it("do not join a line to one before a line of another format", () => {
    const lines = [toFrame("failed", 0, "stderr"), "text", toFrame("  at x", 1, "stderr")];
    expect(plan(lines)).toMatchObject([{ body: "failed" }, { body: "text" }, { body: "  at x" }]);
  });
});

describe("parts of a line", () => {
  it("of CRI are joined, also between lines of the other stream, and continue as a stack trace", () => {
    const time = toTime(0);
    const lines = [
      `${time} stderr P Error: `,
      `${time} stdout F request`,
      `${time} stderr F no card`,
      `${time} stderr F     at pay`,
    ];
    expect(plan(lines)).toMatchObject([{ body: "Error: no card\n    at pay" }, { body: "request" }]);
  });

  it("of Docker have 16 KiB and no line end", () => {
    const message = "é".repeat(10_000);
    const text = JSON.stringify({ level: "warn", msg: message });
    const parts = [text.slice(0, 8_300), text.slice(8_300)];
    const [part, rest] = parts.map((log, i) =>
      JSON.stringify({ log: i === 0 ? log : `${log}\n`, stream: "stdout", time: toTime(0) }),
    );
    expect(plan([part ?? "", rest ?? ""])).toMatchObject([{ body: message, severity: { text: "warn" } }]);
  });

  it("of Docker are not assumed where a sender has removed line ends", () => {
    const lines = ["one", "two"].map((log) => JSON.stringify({ log, stream: "stdout", time: toTime(0) }));
    expect(plan(lines)).toMatchObject([{ body: "one" }, { body: "two" }]);
  });
});

it("a text with a trace of Python is one event from the first line to the error", () => {
  const lines = [JSON.stringify({ level: "warn", msg: "slow" }), ...PYTHON, "stopped"];
  expect(plan(lines)).toMatchObject([{ body: "slow" }, { body: PYTHON.join("\n") }, { body: "stopped" }]);
});

it("a stack trace of 20,000 lines is one event", () => {
  const lines = ["Error: deep", ...Array.from({ length: 19_999 }, () => "    at a (b.js:1:2)")];
  expect(plan(lines.map((line, n) => FRAMES.cri(line, n, "stderr")))).toHaveLength(1);
});

describe.each([
  ["CRI", "2026-11-28T20:40:00Z stdout F hello"],
  ["CRI with JSON", '2026-11-28T20:40:00Z stderr F {"level":50,"time":1796018400123,"msg":"boom"}'],
  ["syslog", "<34>1 2026-11-28T20:40:00Z host app 7 id - hello"],
  ["BSD syslog", "<34>Nov 28 20:40:00 host app[7]: hello"],
  ["an access log", '127.0.0.1 - - [28/Nov/2026:20:40:00 +0000] "GET / HTTP/1.1" 200 12'],
  ["logfmt", "level=warn msg=hello ts=2026-11-28T20:40:00Z"],
])("white space around a line of %s", (_, line) => {
  const read = (text: string): unknown => {
    const decoded = decode(new TextEncoder().encode(text));
    return decoded.ok ? decoded.value.events.map((event) => event.ok && event.value) : decoded;
  };

  it.each([" ", "\t", "\n", "\r\n", "\n\n"])("%j is ignored", (space) => {
    expect(read(`${space}${line}`)).toEqual(read(line));
    expect(read(`${space}${line}\n`)).toEqual(read(line));
    expect(read(`${line}\r\n\n`)).toEqual(read(line));
  });
});

it("a value that has no text is not a line", () => {
  const value = JSON.stringify({ level: "info", msg: "x", log: { toString: 1 } });
  expect(plan([FRAMES.docker("a", 0, "stdout"), value])).toMatchObject([{ body: "a" }, { body: "x" }]);
});

it("a CRI line without text has its time and stream", () => {
  const line = FRAMES.cri("", 1, "stdout");
  const empty = { body: "", attributes: { "log.iostream": "stdout" }, "@timestamp": "2025-11-23T09:00:01.123456789Z" };
  expect(plan([line])).toMatchObject([empty]);
  expect(plan([FRAMES.cri("a", 0, "stdout"), line])).toMatchObject([{ body: "a" }, empty]);
});

it.each(Object.entries(FRAMES))("the date in a JSON line of %s stays an attribute", (_format, toFrame) => {
  const line = JSON.stringify({ level: "info", msg: "due", date: "2025-10-20T00:00:00Z" });
  expect(plan([toFrame(line, 1, "stdout")])).toMatchObject([
    {
      body: "due",
      "@timestamp": expect.stringMatching(/^2025-11-23T09:00:01\.123/),
      attributes: { date: "2025-10-20T00:00:00Z" },
    },
  ]);
});

describe("fields around the JSON line of a container", () => {
  const toLog = (line: object, fields: object): string =>
    JSON.stringify({ log: `${JSON.stringify(line)}\n`, stream: "stderr", time: toTime(0), ...fields });
  const numbers = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, i]));

  it("are in `edgelog.omitted`, which is listed, if there are too many values", () => {
    const kubernetes = { pod_name: "p-17", labels: numbers(40) };
    const [log] = plan([toLog({ level: "error", msg: "x", ...numbers(100) }, { kubernetes })]);
    expect(log).toMatchObject({
      body: "x",
      attributes: { n99: 99, "log.iostream": "stderr", "edgelog.omitted": JSON.stringify({ kubernetes }) },
      edgelog: { shortened: [{ field: "attributes", omitted: 41 }] },
    });
  });

  it("have another name if the line has a field with their name", () => {
    const lines = [toLog({ level: "info", msg: "x", attrs: { a: 1 } }, { attrs: { tag: "t" } })];
    expect(plan(lines)).toMatchObject([{ attributes: { attrs: { a: 1 }, attrs_2: { tag: "t" } } }]);
  });

  it("are the resource, the trace and what was shortened, too", () => {
    const trace = { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", span_id: "00f067aa0ba902b7" };
    const long = "x".repeat(8_193);
    const [log] = plan([toLog({ level: "info", msg: "x", service: "shop" }, { ...trace, long })]);
    expect(log).toMatchObject({
      traceId: trace.trace_id,
      spanId: trace.span_id,
      resource: { service: { name: "shop" } },
      edgelog: { shortened: [{ field: "attributes.long", length: 8_193 }] },
    });
  });

  it("keep the id and the absent fields of an event of edgelog", () => {
    const id = "3f2b8c1e-5a6d-4e7f-8a9b-0c1d2e3f4a5b";
    const [log] = plan([toLog({ id, body: "x", time: null, severity: "", attributes: null }, {})]);
    expect(log).toMatchObject({ log: { record: { uid: id } }, body: "x", severity: { text: "info" } });
    expect(log["@timestamp"]).toMatch(/^2025-11-23T09:00:00\.123/);
    expect(log.attributes).toEqual({ "log.iostream": "stderr" });
  });
});
