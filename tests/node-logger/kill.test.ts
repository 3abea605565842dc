/**
 * `edgelog-node` against the real stack: processes are killed with SIGKILL while they log. All events that were in the outbox are stored,
 * each once, over HTTP and over MQTT with TLS, and also after a time in which the server could not be reached.
 */
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildPackage } from "../support/build-package.ts";
import { startLogging } from "../support/node-logger/start-process.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

const KILLS = 4;
const MAX_HITS = 10_000;

let stack: TestStack;
let folder: string;
beforeAll(async () => {
  await buildPackage("edgelog-node");
  folder = await mkdtemp(join(tmpdir(), "edgelog-outbox-"));
  stack = await startTestStack();
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Row {
  readonly name: string;
  /** Options while processes are killed. The last process can reach the server. */
  readonly whileKilled: object;
  readonly last: object;
}

const rows = (): readonly Row[] => {
  const { app, worker, mqtts } = stack.file;
  const http = { app: app.id, key: app.key, endpoint: worker };
  const mqtt = { ...http, transport: "mqtt", mqttUrl: mqtts };
  return [
    { name: "http", whileKilled: http, last: http },
    { name: "mqtt", whileKilled: mqtt, last: mqtt },
    { name: "unreachable", whileKilled: { ...http, endpoint: "http://127.0.0.1:9" }, last: http },
  ];
};

it.each(["http", "mqtt", "unreachable"])("%s: events of killed processes are stored once", async (name) => {
  const { whileKilled, last } = rows().find((row) => row.name === name) ?? { whileKilled: {}, last: {} };
  const outbox = join(folder, name);
  const env = { NODE_EXTRA_CA_CERTS: stack.file.ca };
  const written = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const run = `${name}-${kill}`;
    const logging = startLogging({ run, logger: { ...whileKilled, outbox } }, env);
    await logging.waitForWritten(1);
    await sleep(randomInt(50, 1_000));
    await logging.kill();
    expect(logging.stderr()).toBe("");
    for (const n of logging.written) written.add(`${run} ${n}`);
  }
  const closed = await startLogging(
    { run: "last", events: 1, closeMs: 60_000, logger: { ...last, outbox } },
    env,
  ).end();
  expect(closed).toMatchObject({ status: "closed", counts: { queued: 0, inFlight: 0, rejected: 0, dropped: {} } });

  const hits = await stack.search("logs-*", { prefix: { "attributes.run": `${name}-` } }, MAX_HITS);
  const stored = hits.map(({ _source: { attributes } }) => `${attributes["run"]} ${attributes["n"]}`);
  expect(written.size).toBeGreaterThan(KILLS);
  expect([...written].filter((one) => !stored.includes(one))).toEqual([]);
  expect(stored.length).toBe(new Set(stored).size);
  expect(stored.length).toBeLessThan(MAX_HITS);
});
