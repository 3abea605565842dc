/**
 * Fields of an event that come from the records of other loggers, and attributes that look like them.
 */
import { once } from "node:events";
import { pino, type Logger as Pino, type LoggerOptions as PinoOptions } from "pino";
import winston from "winston";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type * as nodePackage from "../../web-client/node/index.ts";
import type * as pinoTransport from "../../web-client/node/pino.ts";
import type * as winstonTransport from "../../web-client/node/winston.ts";
import { buildPackage } from "../support/build-package.ts";
import { NODE_MODULE } from "../support/node-logger/start-process.ts";
import { startScriptedServer, type ScriptedServer, type SentEvent } from "../support/web-client/scripted-server.ts";

const load = async <Module>(file: string): Promise<Module> =>
  (await import(/* @vite-ignore */ new URL(file, NODE_MODULE).href)) as Module;

let server: ScriptedServer;
beforeAll(() => buildPackage("edgelog-node"));
beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(() => server.stop());

const options = () => ({ app: "shop", key: "k", endpoint: server.endpoint });
const sent = (): readonly SentEvent[] => server.requests.flatMap(({ batch }) => batch.events);

/** Attributes that try to replace the fields of their event. */
const FORGED = {
  "edgelog.event_fields": {
    id: "01900000-0000-7000-8000-000000000000",
    severity: "debug",
    body: "Health check",
    time: "2019-01-01T00:00:00.000Z",
  },
};
const TIME = "2026-11-17T08:30:00.000Z";
const TRACE = { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", span_id: "00f067aa0ba902b7", trace_flags: "01" };
const FIELDS = { time: TIME, traceId: TRACE.trace_id, spanId: TRACE.span_id };

it.each<[string, Pick<nodePackage.NodeLoggerOptions, "beforeSend">]>([
  ["without beforeSend", {}],
  ["with beforeSend", { beforeSend: (record) => record }],
])("%s: attributes do not replace fields of the event", async (_title, more) => {
  const { createLogger } = await load<typeof nodePackage>("index.js");
  const log = createLogger({ ...options(), ...more });
  const id = log.error("Login failed", FORGED);
  log.child(FORGED).error("Login failed");
  await log.close();
  expect(sent()).toEqual([
    { id, severity: "error", body: "Login failed", attributes: FORGED },
    { id: expect.not.stringMatching(id), severity: "error", body: "Login failed", attributes: FORGED },
  ]);
});

it("records of pino have their time and trace, and attributes do not replace them", async () => {
  const { default: createTransport } = await load<typeof pinoTransport>("pino.js");
  const transport = createTransport(options());
  const log = pino({ timestamp: () => `,"time":${Date.parse(TIME)}` }, transport);
  log.error({ ...FORGED, ...TRACE }, "Login failed");
  await new Promise((resolve) => transport.end(resolve));
  expect(sent()).toMatchObject([{ severity: "error", body: "Login failed", ...FIELDS }]);
  expect(sent()[0]?.attributes).toEqual(FORGED);
});

it("records of winston have their time and trace, and attributes do not replace them", async () => {
  const { EdgelogTransport } = await load<typeof winstonTransport>("winston.js");
  const transport = new EdgelogTransport(options());
  const log = winston.createLogger({ transports: [transport] });
  log.error("Login failed", { ...FORGED, ...TRACE, timestamp: TIME });
  await new Promise((resolve) => transport.on("finish", resolve).end());
  expect(sent()).toMatchObject([{ severity: "error", body: "Login failed", ...FIELDS }]);
  expect(sent()[0]?.attributes).toEqual(FORGED);
});

const IN_SECONDS = 1_764_500_000;
const ERROR = {
  "exception.type": "TypeError",
  "exception.message": "no card",
  "exception.stacktrace": expect.any(String),
};

interface Row {
  readonly name: string;
  readonly options?: PinoOptions;
  readonly log: (log: Pino) => void;
  readonly event: Readonly<Record<string, unknown>>;
}

/** Lines of pino, and the events that they become. `time` is only compared if it is not the time of the call. */
const PINO_ROWS: readonly Row[] = [
  {
    name: "a level with its name",
    options: { formatters: { level: (label) => ({ level: label }) } },
    log: (log) => log.error("x"),
    event: { severity: "error", body: "x", attributes: {} },
  },
  {
    name: "the severity of another service",
    options: { formatters: { level: (label) => ({ severity: label.toUpperCase() }) } },
    log: (log) => log.warn("x"),
    event: { severity: "warn", body: "x", attributes: {} },
  },
  {
    name: "a custom level, whose name stays an attribute",
    options: { customLevels: { audit: 35 } },
    log: (log) => (log as unknown as Pino<"audit">).audit("x"),
    event: { severity: "info", body: "x", attributes: { level: "audit" } },
  },
  {
    name: "levels with the numbers of syslog",
    options: { customLevels: { error: 3, info: 6 }, useOnlyCustomLevels: true, level: "error" },
    log: (log) => log.error("x"),
    event: { severity: "error", body: "x", attributes: {} },
  },
  {
    name: "seconds",
    options: { timestamp: () => `,"time":${IN_SECONDS}` },
    log: (log) => log.info("x"),
    event: { time: new Date(IN_SECONDS * 1_000).toISOString(), body: "x", attributes: {} },
  },
  {
    name: "nanoseconds under another name",
    options: { timestamp: () => ',"timestamp":"2026-11-30T10:00:00.123456789+01:00"' },
    log: (log) => log.info("x"),
    event: { time: "2026-11-30T10:00:00.123456789+01:00", body: "x", attributes: {} },
  },
  {
    name: "a time without a zone, which is not the time of the event",
    options: { timestamp: () => ',"time":"05/11/2026 10:00:00"' },
    log: (log) => log.info("x"),
    event: { time: undefined, body: "x", attributes: { time: "05/11/2026 10:00:00" } },
  },
  {
    name: "no time and no process",
    options: { timestamp: false, base: null },
    log: (log) => log.info({ n: 1 }, "x"),
    event: { time: undefined, severity: "info", body: "x", attributes: { n: 1 } },
  },
  {
    name: "other keys of message and error",
    options: { messageKey: "text", errorKey: "failure" },
    log: (log) => log.error({ failure: new TypeError("no card"), err: "e", msg: "m" }, "Payment failed"),
    event: { body: "Payment failed", attributes: { ...ERROR, err: "e", msg: "m" } },
  },
  {
    name: "numbers with all digits",
    log: (log) => log.info({ order: 12_345_678_901_234_567_890n, text: '\\"-0', n: 0.1 + 0.2 }, "x"),
    event: { body: "x", attributes: { order: "12345678901234567890", text: '\\"-0', n: 0.1 + 0.2 } },
  },
  {
    name: "no message, for which the attributes are the text",
    log: (log) => log.info({ order: 17, ...TRACE }),
    event: { body: '{"order":17}', attributes: { order: 17 }, traceId: TRACE.trace_id },
  },
  {
    name: "values that have the names of pino's own",
    log: (log) => log.error({ level: 10, time: 5, pid: 1, hostname: "db-1", name: { first: "Ann" } }, "x"),
    event: {
      severity: "error",
      body: "x",
      attributes: { level: 10, time: 5, "process.pid": 1, "host.name": "db-1", name: { first: "Ann" } },
    },
  },
  {
    name: "a level that cannot be converted to a number",
    log: (log) => log.error(JSON.parse('{"level":{"toString":1,"valueOf":1}}'), "x"),
    event: {
      severity: "error",
      attributes: JSON.parse('{"level":{"toString":1,"valueOf":1}}') as object,
    },
  },
];

it("values of pino's lines are those that were logged", async () => {
  const { default: createTransport } = await load<typeof pinoTransport>("pino.js");
  for (const { options: pinoOptions = {}, log } of PINO_ROWS) {
    const transport = createTransport(options());
    log(pino(pinoOptions, transport));
    await new Promise((resolve) => transport.end(resolve));
  }
  const events = sent();
  expect(events).toHaveLength(PINO_ROWS.length);
  for (const [i, { name, event }] of PINO_ROWS.entries()) {
    const shown = Object.fromEntries(Object.keys(event).map((key) => [key, events[i]?.[key as keyof SentEvent]]));
    expect({ name, ...shown }).toEqual({ name, ...event });
  }
});

it("the thread of pino reads the names of its members, also with several transports", async () => {
  const target = new URL("pino.js", NODE_MODULE).href;
  const keys = { messageKey: "text", errorKey: "failure" };
  const targets = [{ target, options: options() }];
  for (const [i, transports] of [{ target, options: options() }, { targets }].entries()) {
    const transport = pino.transport(transports);
    pino(keys, transport).error({ failure: new TypeError("no card") }, "Payment failed");
    // The end of the transport blocks this thread, in which the server runs.
    await expect.poll(sent).toHaveLength(i + 1);
    transport.end();
    await once(transport, "close");
  }
  const event = { severity: "error", body: "Payment failed", attributes: ERROR };
  expect(sent()).toMatchObject([event, event]);
});

it("values of winston's records are those that were logged", async () => {
  const { EdgelogTransport } = await load<typeof winstonTransport>("winston.js");
  const transport = new EdgelogTransport(options());
  const { combine, errors, timestamp } = winston.format;
  const levels = { ...winston.config.syslog.levels, http: 8, audit: 9 };
  const create = (format?: winston.Logform.Format): winston.Logger =>
    winston.createLogger({ levels, level: "audit", transports: [transport], ...(format && { format }) });
  const log = create();
  log.log("crit", "x");
  log.log("audit", "x");
  log.info("x", { timestamp: IN_SECONDS });
  log.info("x", { timestamp: 5, level: 7 });
  create(timestamp({ format: "DD/MM/YYYY HH:mm:ss" })).info("x");
  log.error("Payment failed:", new TypeError("no card", { cause: new RangeError("too far") }));
  create(combine(errors({ stack: true, cause: true }))).error(
    Object.assign(new TypeError("no card", { cause: new RangeError("too far") }), { code: 7 }),
  );
  log.error("x", { stack: "TypeError [ERR_INVALID_URL]: Invalid URL\n    at x" });
  await new Promise((resolve) => transport.on("finish", resolve).end());
  const withCause = {
    ...ERROR,
    "exception.stacktrace": expect.stringMatching(/no card\n[^]*Caused by: RangeError: too/),
  };
  expect(sent().map(({ severity, body, time, attributes }) => [severity, body, time, attributes])).toEqual([
    ["fatal", "x", undefined, { level: "crit" }],
    ["info", "x", undefined, { level: "audit" }],
    ["info", "x", new Date(IN_SECONDS * 1_000).toISOString(), {}],
    ["info", "x", undefined, { timestamp: 5, level: 7 }],
    ["info", "x", undefined, { timestamp: expect.stringMatching(/^\d\d\/\d\d\/\d{4} /) }],
    ["error", "Payment failed: no card", undefined, withCause],
    ["error", "no card", undefined, { ...withCause, code: 7 }],
    ["error", "x", undefined, expect.objectContaining({ "exception.type": "TypeError" })],
  ]);
});
