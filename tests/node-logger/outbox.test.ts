/**
 * The outbox of `edgelog-node` against a scripted server: one process owns a file, its size is bounded, damage is tolerated, and the process
 * ends when it has finished.
 */
import { spawnSync } from "node:child_process";
import { constants } from "node:buffer";
import { appendFile, mkdtemp, open, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { buildPackage } from "../support/build-package.ts";
import { NODE_MODULE, startLogging } from "../support/node-logger/start-process.ts";
import { acceptAll, problem, startScriptedServer, type ScriptedServer } from "../support/web-client/scripted-server.ts";

const UNREACHABLE = "http://127.0.0.1:9";

let folder: string;
let outbox: string;
let count = 0;
let server: ScriptedServer;
beforeAll(async () => {
  await buildPackage("edgelog-node");
  folder = await mkdtemp(join(tmpdir(), "edgelog-outbox-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  outbox = join(folder, String(count++));
  server = await startScriptedServer();
});
afterEach(() => server.stop());

const optionsFor = (endpoint: string, more: object = {}): object => ({
  app: "shop",
  key: "k",
  endpoint,
  outbox,
  ...more,
});
const sentIds = (): string[] => server.requests.flatMap(({ batch }) => batch.events.map(({ id }) => id));
const sentBodies = (): string[] => server.requests.flatMap(({ batch }) => batch.events.map(({ body }) => body.trim()));

it("a second process is told that the outbox is in use, and takes it over when the first is killed", async () => {
  const first = startLogging({ run: "first", events: 21, logger: optionsFor(UNREACHABLE) });
  await first.waitForWritten(5);
  const second = startLogging({ run: "second", events: 5, logger: optionsFor(server.endpoint) });
  await second.waitForWritten(1);
  await expect.poll(() => second.stderr()).toContain(`The outbox is in use by process ${first.child.pid} on `);
  await first.kill();
  await expect.poll(() => new Set(sentIds()).size).toBe(26);
  expect(await second.end()).toMatchObject({ counts: { stored: 26, dropped: {} } });
});

it("the events that a process left are sent with the same ids, and their records are deleted", async () => {
  const first = startLogging({ run: "first", events: 11, logger: optionsFor(UNREACHABLE) });
  await first.waitForWritten(3);
  await first.kill();
  const left = await readFile(outbox, "utf8");
  await startLogging({ run: "second", events: 1, logger: optionsFor(server.endpoint) }).end();
  expect(sentIds().filter((id) => left.includes(id)).length).toBe(11);
  expect(new Set(sentBodies()).size).toBe(11);
  const third = startLogging({ run: "third", events: 0, logger: optionsFor(server.endpoint) });
  expect(await third.end()).toMatchObject({ counts: { stored: 0 } });
});

it("all events are stored although the body of the first response does not end, and the next request fails", async () => {
  const stored = new Set<string>();
  server.respondWith((request) => {
    if (server.requests.length === 0) return { status: 200, body: '{"v":1,', isStalled: true };
    if (server.requests.length === 1) return problem(502)(request);
    for (const { id } of request.batch.events) stored.add(id);
    return acceptAll(request);
  });
  const logger = optionsFor(server.endpoint, { tuning: { requestTimeoutMs: 500, retryBaseMs: 50 } });
  const logging = startLogging({ run: "stalled", events: 6, logger });
  await expect.poll(() => stored.size, { timeout: 10_000 }).toBe(6);
  await logging.kill();
});

it("the number of bytes is bounded, and the dropped events are counted and reported", async () => {
  server.respondWith(problem(503));
  const tuning = { maxQueuedBytes: 100_000, retryBaseMs: 50, maxRetryMs: 50 };
  const logging = startLogging({
    run: "many",
    events: 3_000,
    padding: 1_000,
    logger: optionsFor(server.endpoint, { tuning }),
  });
  await logging.waitForWritten(600);
  expect((await stat(outbox)).size).toBeLessThan(2_500_000);
  server.respondWith();
  const { counts } = (await logging.end()) as { readonly counts: { stored: number; dropped: { queue_full: number } } };
  expect(counts.dropped.queue_full).toBeGreaterThan(2_000);
  const report = server.requests.flatMap(({ batch }) => batch.events).find(({ body }) => body.startsWith("Logs were"));
  expect(report?.attributes?.["edgelog.dropped.queue_full"]).toBe(counts.dropped.queue_full);
  expect(counts.stored + counts.dropped.queue_full).toBe(3_001);
});

it("the file is at most twice as long as the limit, also if the attributes of all events are long", async () => {
  const tuning = { maxQueuedBytes: 1_000_000 };
  const attributes = { text: "x".repeat(8_000) };
  const logging = startLogging({ run: "many", events: 2_000, logger: optionsFor(UNREACHABLE, { tuning, attributes }) });
  await logging.waitForWritten(400);
  expect((await stat(outbox)).size).toBeLessThan(2_000_000 + 1_048_576);
  await logging.kill();
});

it("an incomplete or damaged line is left out, a damaged one with a warning", async () => {
  const first = startLogging({ run: "first", events: 3, logger: optionsFor(UNREACHABLE) });
  await first.waitForWritten(1);
  await first.kill();
  await appendFile(outbox, 'damaged\t{"v":1,"events":[{\nincomplete\t{"v":1');
  const second = startLogging({ run: "second", events: 1, logger: optionsFor(server.endpoint) });
  const { counts } = await second.end();
  expect(counts).toMatchObject({ queued: 0, inFlight: 0, rejected: 0, dropped: {} });
  expect(sentBodies()).toContain("event 0");
  expect(second.stderr()).toContain("1 record of the outbox cannot be read");
});

it("a process without the outbox's folder logs from memory, and a warning has the reason", async () => {
  const logging = startLogging({
    run: "first",
    events: 3,
    logger: optionsFor(server.endpoint, { outbox: join(outbox, "none") }),
  });
  expect(await logging.end()).toMatchObject({ counts: { stored: 3 } });
  expect(logging.stderr()).toMatch(/^edgelog: The outbox cannot be opened, so events are in memory only: ENOENT/);
});

const run = (code: string, ...args: readonly string[]) =>
  spawnSync(process.execPath, ["--input-type=module", "-e", code, ...args], { encoding: "utf8", timeout: 30_000 });

const SETUP = `
  const { captureErrors, createLogger } = await import(${JSON.stringify(NODE_MODULE)});
  const log = createLogger(JSON.parse(process.argv[1]));`;

it.each([
  ["a program that ends sends its events first", `log.info("text");`],
  ["`flush` keeps the process running", `log.info("text"); if (!(await log.child({}).flush())) process.exit(2);`],
])("%s", async (_title, code) => {
  // In the same process as the server: it must respond while the program runs.
  const { execFile } = await import("node:child_process");
  await new Promise<void>((resolve, reject) =>
    execFile(
      process.execPath,
      ["--input-type=module", "-e", SETUP + code, JSON.stringify(optionsFor(server.endpoint))],
      (error) => (error === null ? resolve() : reject(error)),
    ),
  );
  expect(sentBodies()).toEqual(["text"]);
});

it("a program that cannot reach the server ends after 5 seconds, and the next one sends its events", async () => {
  const started = Date.now();
  const { status, stderr } = run(`${SETUP} log.info("text");`, JSON.stringify(optionsFor(UNREACHABLE)));
  // No event is lost, so this is the only warning.
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(
      /^edgelog: The logs of app "shop" cannot be delivered \(.+\)\. The logger tries again\.\n$/,
    ),
  });
  expect(Date.now() - started).toBeLessThan(15_000);
  await startLogging({ run: "second", events: 0, logger: optionsFor(server.endpoint) }).end();
  expect(sentBodies()).toEqual(["text"]);
});

it("the error that ends a process is in the outbox, and so are calls before process.exit()", async () => {
  const options = JSON.stringify(optionsFor(UNREACHABLE));
  expect(run(`${SETUP} captureErrors(log); log.info("before"); throw new TypeError("no card");`, options).status).toBe(
    1,
  );
  expect(run(`${SETUP} log.warn("exit"); process.exit(3);`, options).status).toBe(3);
  await startLogging({ run: "second", events: 0, logger: optionsFor(server.endpoint) }).end();
  expect(sentBodies()).toEqual(["before", "TypeError: no card", "exit"]);
});

const OUTBOX_FILE = new URL("../../web-client/node/outbox-file.ts", import.meta.url).href;

it("a file that is longer than a string can be is read, and the records that fit into the queue are sent", async () => {
  const first = startLogging({ run: "first", events: 1, logger: optionsFor(UNREACHABLE) });
  await first.waitForWritten(1);
  await first.kill();
  const record = await readFile(outbox, "utf8");
  // A record that was replaced many times, like in a file that grew while it could not be shortened.
  const obsolete = `obsolete\t${"x".repeat(1_000_000)}é\n`.repeat(10);
  const file = await open(outbox, "w");
  for (let i = 0; i < 60; i += 1) await file.write(obsolete);
  await file.write(`obsolete\n${record}`);
  await file.close();
  expect((await stat(outbox)).size).toBeGreaterThan(constants.MAX_STRING_LENGTH);
  const second = startLogging({ run: "second", events: 1, logger: optionsFor(server.endpoint) });
  expect(await second.end()).toMatchObject({ counts: { stored: 2 } });
  expect(second.stderr()).toBe("");
});

it("a write that does not fit leaves no part of a record, which would replace a complete one", async () => {
  const complete = "a".repeat(3_000);
  const program = `
    import { createOutboxFile } from ${JSON.stringify(OUTBOX_FILE)};
    const file = createOutboxFile(process.argv[1]);
    file.open();
    file.write([["k1", "${complete}"]]);
    for (let i = 0; i < 2; i += 1) {
      try {
        file.write([["k1", "b".repeat(2_000)]]);
      } catch ({ code }) {
        console.log(code);
      }
    }
    process.kill(process.pid, "SIGKILL");`;
  // A limit of 4 KB for files, in place of a full disk.
  const shell = `trap '' XFSZ; ulimit -f 4; exec "$0" "$@"`;
  const node = [process.execPath, "--input-type=module", "-e", program, outbox];
  const { stdout } = spawnSync("bash", ["-c", shell, ...node], { encoding: "utf8" });
  expect(stdout).toBe("EFBIG\nEFBIG\n");
  expect(await readFile(outbox, "utf8")).toBe(`k1\t${complete}\n`);
});
