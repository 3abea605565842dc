/**
 * The warnings of `edgelog-node` about events that are not delivered. Programs that use pino or winston do not see `status`.
 */
import { once } from "node:events";
import getPort from "get-port";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildPackage } from "../support/build-package.ts";
import { startProgram } from "../support/node-logger/start-program.ts";
import { startScriptedServer, type ScriptedServer } from "../support/web-client/scripted-server.ts";

const KEY = "elk_0123456789abcdef";
const PASSWORD = "S3cretPw";
const ADVICE = "With the option `outbox`, the next process sends such logs.";

let server: ScriptedServer;
beforeAll(async () => {
  await buildPackage("edgelog-node");
  server = await startScriptedServer();
  server.respondWith(({ url, headers }) => {
    if (url.startsWith("/logs/")) return { status: 404, body: "Not found" };
    if (/stalled/.test(url + headers.authorization)) return { status: 200, body: "{", isStalled: true };
    // A page of a firewall, or the server's response to a wrong key.
    return headers.authorization?.includes("firewall") === true || url.includes("firewall")
      ? { status: 403, body: "<html>" }
      : { status: 401, body: { title: "No", status: 401, reason: "unauthorized", detail: "Wrong key." } };
  });
});
afterAll(() => server?.[Symbol.asyncDispose]());

const PINO = `
const { default: pino } = await import("pino");
pino({ transport: { target: new URL("pino.js", module).href, options } }).info("lost");
`;
const WINSTON = `
const { EdgelogTransport } = await import(new URL("winston.js", module).href);
const { default: winston } = await import("winston");
const log = winston.createLogger({ transports: [new EdgelogTransport(options)] });
log.info("lost");
log.info("lost, too");
log.end();
`;
const CREATE_LOGGER = `createLogger(options).info("lost");`;
/** Ends when all have failed to send. */
const LOGGERS = `
await Promise.all(options.map((given) => new Promise((resolve) => {
  const log = createLogger(given);
  log.onStatus(({ state }) => state === "offline" && resolve());
  log.info("lost");
})));
process.exit();
`;

interface Case {
  readonly title: string;
  readonly code: string;
  readonly options: () => object | Promise<object>;
  readonly lines: readonly RegExp[];
}

const endOf = (text: string): string => text.replaceAll(/[.?()[\]]/g, String.raw`\$&`);
const lost = (what: string, reason: string): RegExp =>
  new RegExp(String.raw`^edgelog: ${what} not stored \(${reason}\)\. ${endOf(ADVICE)}$`);

const CASES: readonly Case[] = [
  {
    title: "pino with a wrong key",
    code: PINO,
    options: () => ({ app: "shop", key: KEY, endpoint: server.endpoint }),
    lines: [
      /^edgelog: The server does not accept app "shop" with this key \(http:\/\/\S+\/logs: HTTP 401\)\. Check the options `app`, `key` and `endpoint`\.$/,
      lost('1 log of app "shop" was', String.raw`http:\S+ HTTP 401`),
    ],
  },
  {
    title: "pino with a wrong endpoint",
    code: PINO,
    options: () => ({ app: "shop", key: KEY, endpoint: `${server.endpoint}/logs` }),
    lines: [
      /^edgelog: The logs of app "shop" cannot be delivered \(http:\/\/\S+\/logs\/logs: HTTP 404\)\. The logger tries again\.$/,
      lost('1 log of app "shop" was', String.raw`http:\S+ HTTP 404`),
    ],
  },
  {
    title: "winston without a server",
    code: WINSTON,
    options: async () => ({ app: "shop", key: KEY, endpoint: `http://localhost:${await getPort()}` }),
    lines: [
      /^edgelog: The logs of app "shop" cannot be delivered \(http:\/\/\S+\/logs: .*ECONNREFUSED.*\)\. The logger tries again\.$/,
      lost('2 logs of app "shop" were', String.raw`http:\S+ .*ECONNREFUSED.*`),
    ],
  },
  {
    title: "winston over MQTT without a broker",
    code: WINSTON,
    options: async () => ({
      app: "shop",
      key: KEY,
      endpoint: server.endpoint,
      transport: "mqtt",
      mqttUrl: `mqtts://shop:${KEY}@127.0.0.1:${await getPort()}`,
    }),
    lines: [
      /^edgelog: The logs of app "shop" cannot be delivered \(mqtts:\/\/\[redacted\]@127\.0\.0\.1:\d+: connect ECONNREFUSED [\d.:]+\)\. The logger tries again\.$/,
      lost('2 logs of app "shop" were', String.raw`mqtts:\S+ connect ECONNREFUSED [\d.:]+`),
    ],
  },
  {
    title: "createLogger with a firewall in front of the server",
    code: CREATE_LOGGER,
    options: () => ({ app: "firewall", key: KEY, endpoint: server.endpoint }),
    lines: [
      /^edgelog: A firewall in front of the server refuses the logs of app "firewall" \(http:\/\/\S+\/logs: HTTP 403\)\.$/,
      lost('1 log of app "firewall" was', String.raw`http:\S+ HTTP 403`),
    ],
  },
  {
    title: "createLogger without a key, and process.exit()",
    code: `${CREATE_LOGGER}\nprocess.exit();`,
    options: () => ({ app: "shop", endpoint: server.endpoint }),
    lines: [
      /^edgelog: Nothing can be sent: the option `key` is missing\.$/,
      lost('1 log of app "shop" was', String.raw`http:\S+`),
    ],
  },
  {
    title: "eleven loggers, of which Node.js does not warn as a leak,",
    code: `for (let i = 0; i < 11; i += 1) createLogger(options).info("lost");\nprocess.exit();`,
    options: () => ({ app: "shop", endpoint: server.endpoint }),
    lines: [
      ...Array<RegExp>(11).fill(/^edgelog: Nothing can be sent: the option `key` is missing\.$/),
      ...Array<RegExp>(11).fill(lost('1 log of app "shop" was', String.raw`http:\S+`)),
    ],
  },
  {
    title: "createLogger and close() while a response does not end",
    code: `const log = createLogger(options);\nlog.info("lost");\nawait log.close();`,
    options: () => ({ app: "stalled", key: KEY, endpoint: server.endpoint }),
    lines: [lost('1 log of app "stalled" was', String.raw`http:\S+`)],
  },
  {
    title: "createLogger with responses that do not end",
    code: CREATE_LOGGER,
    options: () => ({ app: "stalled", key: KEY, endpoint: server.endpoint, tuning: { requestTimeoutMs: 200 } }),
    lines: [
      /^edgelog: The logs of app "stalled" cannot be delivered \(http:\/\/\S+\/logs: No complete response after 0\.2 s\)\. The logger tries again\.$/,
      lost('1 log of app "stalled" was', String.raw`http:\S+ No complete response after 0\.2 s`),
    ],
  },
  {
    title: "loggers with passwords and tokens in their URLs",
    code: LOGGERS,
    options: async () => {
      const broker = `wss://shop:${PASSWORD}@127.0.0.1:${await getPort()}/mqtt?token=${PASSWORD}`;
      return [
        { endpoint: `https://shop:${PASSWORD}@127.0.0.1:9` },
        // This password should have been percent-encoded.
        { endpoint: `https://shop:a/b ${PASSWORD}@127.0.0.1:9/?token=${PASSWORD}` },
        { endpoint: server.endpoint, transport: "mqtt", mqttUrl: broker },
        { endpoint: `mqtts://shop:${PASSWORD}@127.0.0.1:9` },
      ].map((urls) => ({ app: "shop", key: KEY, ...urls }));
    },
    lines: [
      /^edgelog: Nothing can be sent: "mqtts:\/\/\[redacted\]@127\.0\.0\.1:9\/logs" is not an http or https URL\./,
      lost(
        '1 log of app "shop" was',
        String.raw`https:\/\/\[redacted\]@127\.0\.0\.1:9\/logs: .*: https:\/\/\[redacted\]@127\.0\.0\.1:9\/logs(\?\[redacted\])?`,
      ),
      lost('1 log of app "shop" was', String.raw`https:\/\/\[redacted\]@127\.0\.0\.1:9\/\?\[redacted\]: Invalid URL`),
      lost(
        '1 log of app "shop" was',
        String.raw`wss:\/\/\[redacted\]@127\.0\.0\.1:\d+\/mqtt\?\[redacted\]: .*ECONNREFUSED.*`,
      ),
      lost('1 log of app "shop" was', String.raw`mqtts:\/\/\[redacted\]@127\.0\.0\.1:9\/logs: .*`),
    ],
  },
];

// Each program waits 5 seconds for receipts.
it.concurrent.each(CASES)("$title: standard error has the reason, and no secrets", async ({ code, options, lines }) => {
  const { child, stderr } = startProgram(code, { options: await options() });
  await once(child, "close");
  const written = stderr();
  const mayWarnOfOutage = (line: string): boolean => line.includes("cannot be delivered");
  // A program that starts slowly also warns of the outage.
  const expectsOutage = lines.some(({ source }) => mayWarnOfOutage(source));
  const compared = written
    .trimEnd()
    .split("\n")
    .filter((line) => expectsOutage || !mayWarnOfOutage(line));
  expect(compared).toEqual(lines.map((line) => expect.stringMatching(line)));
  expect(written).not.toContain(KEY);
  expect(written).not.toContain(PASSWORD);
});
