/**
 * Many logs in one task of `edgelog-node`: within the limits of the queue none is dropped, and beyond them the least severe and oldest.
 */
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { buildPackage } from "../support/build-package.ts";
import { startProgram, type Program } from "../support/node-logger/start-program.ts";
import { startScriptedServer, type ScriptedServer } from "../support/web-client/scripted-server.ts";

/** More than the list of calls may contain, and less than the queue. */
const COUNT = 30_000;
const POLL = { timeout: 100_000, interval: 200 };

let folder: string;
let server: ScriptedServer;
let program: Program | undefined;
beforeAll(() => buildPackage("edgelog-node"));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelog-outbox-"));
  server = await startScriptedServer();
});
afterEach(async () => {
  await program?.kill();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const start = (code: string, more: object = {}): Program => {
  const options = { app: "shop", key: "k", endpoint: server.endpoint, outbox: join(folder, "outbox"), ...more };
  program = startProgram(code, { options });
  return program;
};

/** Numbers of the events that were sent. */
const sentNumbers = (): ReadonlySet<unknown> => {
  const numbers = server.requests.flatMap(({ batch }) => batch.events.map(({ attributes }) => attributes?.["n"]));
  return new Set(numbers.filter((n) => n !== undefined));
};

/** The program's reply to a message: the counts of its logger. */
const countsOf = async ({ child }: Program): Promise<unknown> => {
  const reply = once(child, "message");
  child.send("counts");
  return (await reply)[0];
};
const SEND_COUNTS = `process.on("message", () => process.send(log.counts));`;

it.each([
  ["in the first task of a process", ""],
  ["later", `log.info("first"); await log.flush();`],
])("a burst %s is stored", async (_when, before) => {
  const code = `
    const log = createLogger(options);
    ${before}
    for (let n = 0; n < ${COUNT}; n++) log.error("event", { n });
    ${SEND_COUNTS}`;
  const running = start(code);
  await expect.poll(() => sentNumbers().size, POLL).toBe(COUNT);
  expect(await countsOf(running)).toHaveProperty("dropped", {});
});

it("a burst in the first task does not prevent the events of an earlier process from being sent", async () => {
  const earlier = start(
    `const log = createLogger(options); for (let n = 0; n < 5; n++) log.info("event", { n: -1 - n }); ${SEND_COUNTS}`,
    { endpoint: "http://127.0.0.1:9" },
  );
  const isWritten = async (): Promise<boolean> =>
    (await readFile(join(folder, "outbox"), "utf8").catch(() => "")).includes('"n":-5');
  await expect.poll(isWritten, POLL).toBe(true);
  await earlier.kill();
  start(`const log = createLogger(options); for (let n = 0; n < ${COUNT}; n++) log.error("event", { n });`);
  await expect.poll(() => sentNumbers().size, POLL).toBe(COUNT + 5);
});

it("beyond the limit of the queue, the least severe events of a burst are dropped", async () => {
  const code = `
    const log = createLogger(options);
    for (let n = 0; n < 20_000; n++) log.debug("event", { n });
    for (let n = 0; n < 5_000; n++) log.error("event", { n });
    ${SEND_COUNTS}`;
  const running = start(code, { endpoint: "http://127.0.0.1:9", tuning: { maxQueuedEvents: 15_000 } });
  const countErrors = async (): Promise<number> =>
    (await readFile(join(folder, "outbox"), "utf8").catch(() => "")).split('"severity":"error"').length - 1;
  await expect.poll(countErrors, POLL).toBe(5_000);
  expect(await countsOf(running)).toHaveProperty("dropped", { queue_full: 10_000 });
});

it("a beforeSend that logs for each event, also for its own, does not block the process", async () => {
  const code = `
    const beforeSend = (record) => {
      for (let i = 0; i < 2; i++) log.debug("nested");
      return record;
    };
    const log = createLogger({ ...options, beforeSend });
    for (let n = 0; n < 10_001; n++) log.info("event", { n });`;
  start(code);
  await expect.poll(() => sentNumbers().size, POLL).toBe(10_001);
});

it("the pino transport stores a burst", async () => {
  const code = `
    const { pino } = await import("pino");
    const log = pino(pino.transport({ target: new URL("pino.js", module).href, options }));
    for (let n = 0; n < ${COUNT}; n++) log.info({ n }, "event");`;
  start(code);
  await expect.poll(() => sentNumbers().size, POLL).toBe(COUNT);
  expect(server.requests.flatMap(({ batch }) => batch.events).length).toBe(COUNT);
});

it("the pino transport accepts the next chunk after the lines of the last one, and leaves turns to other work meanwhile", async () => {
  const code = `
    const { default: createTransport } = await import(new URL("pino.js", module));
    const lines = Array.from({ length: ${COUNT} }, (_, n) => JSON.stringify({ level: 30, msg: "event", n }) + "\\n");
    let turns = 0;
    const countTurns = () => void setImmediate(() => { turns++; countTurns(); });
    process.on("message", () => {
      turns = 0;
      createTransport(options).write(lines.join(""), () => process.send({ turns }));
    });
    countTurns();`;
  const reply = (await countsOf(start(code))) as { readonly turns: number };
  expect(reply.turns).toBeGreaterThan(COUNT / 1_000);
  await expect.poll(() => sentNumbers().size, POLL).toBe(COUNT);
});
