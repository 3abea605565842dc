/**
 * Rows of the test of shapes: payloads of other senders, and the logs or rejections that they become. `mark` is a word that occurs
 * in no other row; each expected body or rejected payload contains it.
 */
import { FLUTTER_ROWS } from "./flutter-rows.ts";

export interface ShapeRow {
  /** The row of the table of field cases. */
  readonly id: string;
  readonly name: string;
  readonly payload: (mark: string) => string | object;
  /** Parts of the documents that a search for `mark` finds. */
  readonly logs: (mark: string) => readonly object[];
  /** Parts of the violations in the receipt. Default: none. */
  readonly rejected?: readonly object[];
}

const HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();

const level = (text: string): object => ({ severity: { text } });

const ecs = (mark: string, changes: object): object => ({
  "@timestamp": HOUR_AGO,
  "log.level": "WARN",
  message: `Pool exhausted ${mark}`,
  ...changes,
});

const ECS_ROWS: readonly ShapeRow[] = [
  {
    id: "B1",
    name: "logback-ecs",
    payload: (mark) =>
      ecs(mark, { "service.name": "shop-b1", "process.thread.name": "main", "log.logger": "com.example.Pool" }),
    logs: (mark) => [
      {
        "@timestamp": HOUR_AGO,
        body: `Pool exhausted ${mark}`,
        ...level("warn"),
        resource: { service: { name: "shop-b1" } },
        thread: { name: "main" },
        log: { logger: "com.example.Pool" },
        edgelog: { dialect: "ecs" },
      },
    ],
  },
  {
    id: "B1",
    name: "Spring Boot's structured logs, nested",
    payload: (mark) => ({
      "@timestamp": HOUR_AGO,
      log: { level: "ERROR", logger: "com.example.Pay" },
      process: { pid: 7, thread: { name: "http-1" } },
      service: { name: "pay", version: "2.1.0", environment: "prod", node: { name: "n1" } },
      message: `declined ${mark}`,
      error: { type: "PayError", message: "no funds", stack_trace: "PayError: no funds\n\tat a" },
      ecs: { version: "8.11" },
    }),
    logs: () => [
      {
        "@timestamp": HOUR_AGO,
        ...level("error"),
        exception: { type: "PayError", message: "no funds", stacktrace: "PayError: no funds\n\tat a" },
        resource: {
          service: { name: "pay", version: "2.1.0" },
          deployment: { environment: { name: "prod" } },
          attributes: { "service.instance.id": "n1" },
        },
        attributes: { "process.pid": 7, "ecs.version": "8.11" },
      },
    ],
  },
  {
    id: "B1",
    name: "ecs-logging-python, with the level critical and a trace",
    payload: (mark) =>
      ecs(mark, {
        "log.level": "critical",
        ecs: { version: "1.6.0" },
        log: { logger: "app", origin: { file: { line: 9, name: "app.py" }, function: "pay" } },
        "trace.id": "4BF92F3577B34DA6A3CE929D0E0E4736",
        "transaction.id": "00f067aa0ba902b7",
      }),
    logs: () => [
      {
        ...level("fatal"),
        traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
        code: { file: { path: "app.py" }, line: { number: 9 }, function: { name: "pay" } },
        attributes: { "log.level": "critical", "transaction.id": "00f067aa0ba902b7" },
      },
    ],
  },
  {
    id: "B1",
    name: "lines of ECS from two services",
    payload: (mark) =>
      ["a", "b"]
        .map((name) => JSON.stringify(ecs(mark, { "service.name": name, message: `${name} ${mark}` })))
        .join("\n"),
    logs: (mark) => [
      { body: `a ${mark}`, resource: { service: { name: "a" } } },
      { body: `b ${mark}`, resource: { service: { name: "b" } } },
    ],
  },
  {
    id: "B1",
    name: "ECS with a stack trace over the limit and unknown fields",
    payload: (mark) => ecs(mark, { "error.stack_trace": "s".repeat(50_000), mdc: { a: [1, 2] }, tags: ["x"] }),
    logs: () => [
      {
        attributes: { mdc: { a: [1, 2] }, tags: ["x"] },
        edgelog: { shortened: [{ field: "attributes.exception.stacktrace", length: 50_000 }] },
      },
    ],
  },
];

const TEXT_ROWS: readonly ShapeRow[] = [
  {
    id: "B7",
    name: "a line of text before JSON lines",
    payload: (mark) => `Debugger attached ${mark}.\n{"body":"a ${mark}","severity":"error"}\n{"body":"b ${mark}"}`,
    logs: (mark) => [
      { body: `Debugger attached ${mark}.`, ...level("info"), edgelog: { dialect: "text" } },
      { body: `a ${mark}`, ...level("error"), edgelog: { dialect: "event" } },
      { body: `b ${mark}`, ...level("info") },
    ],
  },
  {
    id: "B7",
    name: "npm's banner and a stack trace between JSON lines",
    payload: (mark) =>
      `\n> app@1.0.0 start ${mark}\n> node . ${mark}\n\n{"body":"a ${mark}"}\nError: e ${mark}\n    at f (a.js:1)\n    at g (a.js:2)\n{"body":"b ${mark}"}\n`,
    logs: (mark) => [
      { body: `> app@1.0.0 start ${mark}` },
      { body: `> node . ${mark}` },
      { body: `Error: e ${mark}\n    at f (a.js:1)\n    at g (a.js:2)` },
      { body: `a ${mark}` },
      { body: `b ${mark}` },
    ],
  },
  {
    id: "B7",
    name: "ECS lines and text",
    payload: (mark) => `Picked up JAVA_TOOL_OPTIONS ${mark}\n${JSON.stringify(ecs(mark, {}))}\n`,
    logs: (mark) => [
      { body: `Picked up JAVA_TOOL_OPTIONS ${mark}` },
      { body: `Pool exhausted ${mark}`, ...level("warn"), edgelog: { dialect: "ecs" } },
    ],
  },
  {
    id: "B7",
    name: "text with an object that is not an event",
    payload: (mark) => `Request ${mark}:\n{"id":1,"total":2}`,
    logs: (mark) => [{ body: `Request ${mark}:\n{"id":1,"total":2}` }],
  },
  ...(
    [
      ["concatenated JSON", "", ""],
      ["JSON with commas", ", ", ""],
      ["a JSON text sequence", "\n", "\u001e"],
      ["JSON with blank lines", "\r\n\r\n", ""],
    ] as const
  ).map(([name, separator, prefix]): ShapeRow => ({
    id: "B10",
    name,
    payload: (mark) => ["c1", "c2"].map((body) => `${prefix}{"body":"${body} ${mark}"}`).join(separator),
    logs: (mark) => [{ body: `c1 ${mark}` }, { body: `c2 ${mark}` }],
  })),
  {
    id: "B10",
    name: "JSON that spans lines",
    payload: (mark) => ["c1", "c2"].map((body) => JSON.stringify({ body: `${body} ${mark}` }, undefined, 2)).join("\n"),
    logs: (mark) => [{ body: `c1 ${mark}` }, { body: `c2 ${mark}` }],
  },
  ...[
    "[INFO] server listening MARK",
    "{'level': 'info', 'mark': 'MARK'}",
    "{MARK} logged in",
    "[1] MARK",
    "{\nMARK",
  ].map((text): ShapeRow => ({
    id: "B10",
    name: `text: ${JSON.stringify(text)}`,
    payload: (mark) => text.replace("MARK", mark),
    logs: (mark) => [{ body: text.replace("MARK", mark), ...level("info") }],
  })),
  {
    id: "B10",
    name: "text between JSON lines",
    payload: (mark) => `{"body":"a ${mark}"}\n[INFO] up ${mark}\n{'x': '${mark}'}\n{"body":"b ${mark}"}`,
    logs: (mark) => [
      { body: `[INFO] up ${mark}` },
      { body: `a ${mark}` },
      { body: `b ${mark}` },
      { body: `{'x': '${mark}'}` },
    ],
  },
  {
    id: "B10",
    name: "a broken object between others is rejected alone, without the parser's words",
    payload: (mark) => `{"body":"a ${mark}"}\n{"body":"x ${mark}", y: 1}\n{"body":"b ${mark}"}`,
    logs: (mark) => [{ body: `a ${mark}` }, { body: `b ${mark}` }],
    rejected: [
      {
        index: 1,
        reason: "invalid_json",
        message:
          "This line starts like a JSON object but is not valid JSON. Send valid JSON, or text that does not start like an object.",
      },
    ],
  },
];

export const SHAPE_ROWS: readonly ShapeRow[] = [...ECS_ROWS, ...FLUTTER_ROWS, ...TEXT_ROWS];
