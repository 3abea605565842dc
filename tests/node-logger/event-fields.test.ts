/**
 * Fields of an event that come from the records of other loggers, and attributes that look like them.
 */
import { pino } from "pino";
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
