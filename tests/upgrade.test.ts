/**
 * An upgrade from version 0.1.0 on the same data, and back. That version has no tag; the commit is the one that CHANGELOG.md calls 0.1.0. It
 * runs from an archive, with the packages of this version. Skipped where the history of Git lacks it, for example in a shallow clone. It
 * starts three stacks one after the other, so it is not part of `npm test`: `npm run test:upgrade`.
 *
 * All of them use one OpenSearch, as an upgrade does: both versions need the same one.
 */
import { mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import mqtt from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logsTopic, mqttUserOfKey } from "#contract/wire/topics.ts";
import type { Receipt } from "#contract/wire/receipt.ts";
import { parseIndexPeriod } from "#contract/store/index-period.ts";
import { makeHome } from "./support/make-home.ts";
import { reservePorts, toPortVariable, type PortName } from "../stack/lib/ports.ts";
import { startOpenSearch, type OpenSearch } from "../stack/services/opensearch.ts";
import { readStackFile, type StackFile } from "../stack/lib/stack-file.ts";
import { ROOT_DIR } from "../stack/lib/state-dir.ts";
import { queryOpenSearch } from "./support/query-opensearch.ts";

const COMMIT = "64a1f339f3277de3c38aefe6efb4e390906c0d2e";
const TIMEOUT_MS = 400_000;
const WAITING_MESSAGES = 300;
const START_DEADLINE_MS = 150_000;

const history = await execa("git", ["cat-file", "-e", `${COMMIT}^{commit}`], { cwd: ROOT_DIR, reject: false });
const isSkipped = history.failed || process.env["EDGELOG_TEST_UPGRADE"] !== "1";
if (history.failed)
  console.warn(`Skipped: the history of Git lacks commit ${COMMIT.slice(0, 7)}, which is version 0.1.0.`);

interface Version {
  readonly dir: string;
  readonly start: string;
}

let temp: string;
let home: string;
let environment: Record<string, string>;
let old: Version;
let opensearch: OpenSearch | undefined;
const current: Version = { dir: ROOT_DIR, start: "stack/commands/start.ts" };
/** The version that runs. `ended` resolves with its output. */
let running: { readonly terminate: () => void; readonly ended: Promise<string> } | undefined;

/** Links each package, so that the caches that a version writes to its `node_modules` are its own. */
const linkPackages = async (target: string): Promise<void> => {
  const source = join(ROOT_DIR, "node_modules");
  await mkdir(target);
  for (const name of await readdir(source)) {
    if (name === ".bin" || !name.startsWith(".")) await symlink(join(source, name), join(target, name));
  }
};

beforeAll(async () => {
  if (isSkipped) return;
  temp = await makeHome("edgelog-upgrade");
  home = join(temp, "home");
  old = { dir: join(temp, "0.1.0"), start: "stack/start.ts" };
  await mkdir(old.dir);
  const archive = execa("git", ["archive", "--format=tar", COMMIT], { cwd: ROOT_DIR, encoding: "buffer" });
  await archive.pipe("tar", ["-x", "-C", old.dir]);
  await linkPackages(join(old.dir, "node_modules"));
  opensearch = await startOpenSearch({ home: join(temp, "opensearch") });
  const ports = Object.entries(await reservePorts());
  environment = {
    ...Object.fromEntries(ports.map(([name, port]) => [toPortVariable(name as PortName), String(port)])),
    EDGELOG_HOME: home,
    OPENSEARCH_URL: opensearch.url,
  };
}, TIMEOUT_MS);

const stop = async (): Promise<void> => {
  running?.terminate();
  await running?.ended;
  running = undefined;
};

afterAll(async () => {
  await stop();
  await opensearch?.stop();
  if (!isSkipped) await rm(temp, { recursive: true, force: true });
});

const start = async ({ dir, start: program }: Version): Promise<StackFile> => {
  const child = execa(process.execPath, [program], {
    cwd: dir,
    env: environment,
    reject: false,
    all: true,
    // A stack stops its services one after the other, which takes longer than the 5 seconds after which execa kills.
    forceKillAfterDelay: false,
  });
  const result: { output?: string } = {};
  const ended = child.then(({ all }) => (result.output = all));
  running = { terminate: () => child.kill("SIGTERM"), ended };
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline) {
    if (result.output !== undefined) throw new Error(`The stack ended:\n${result.output}`);
    const file = await readStackFile(home);
    if (file !== undefined) return file;
    await sleep(500);
  }
  await stop();
  throw new Error(`The stack did not start in time:\n${result.output ?? ""}`);
};

const toRunning = (file: StackFile | undefined): StackFile => {
  if (file === undefined || running === undefined) throw new Error("The step before has failed.");
  return file;
};

const toEvents = (body: string, count: number): readonly { readonly id: string }[] =>
  Array.from({ length: count }, (_, i) => ({
    id: uuidv7(),
    time: new Date().toISOString(),
    severity: "info",
    body: `${body} ${i}`,
  }));

const post = async (file: StackFile, events: readonly object[]): Promise<Receipt> => {
  const response = await fetch(new URL("/logs", file.worker), {
    method: "POST",
    headers: { Authorization: `Bearer ${file.app.id}:${file.app.key}` },
    body: JSON.stringify({ v: 1, id: uuidv7(), events }),
  });
  return (await response.json()) as Receipt;
};

/** Returns when the broker has acknowledged all messages. */
const publish = async ({ mqtt: url, app }: StackFile, events: readonly object[]): Promise<void> => {
  const username = mqttUserOfKey(app.id, app.key);
  const clientId = `upgrade-${uuidv7()}`;
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, clientId, username, password: app.key });
  const topic = logsTopic(username, clientId);
  await Promise.all(events.map((event) => client.publishAsync(topic, JSON.stringify(event), { qos: 1 })));
  await client.endAsync();
};

const count = async ({ opensearch }: StackFile, body: string): Promise<number> => {
  await queryOpenSearch(opensearch, "/logs-*/_refresh", {});
  const query = { query: { match_phrase: { body } } };
  return (await queryOpenSearch<{ count: number }>(opensearch, "/logs-*/_count", query)).count;
};

const search = async ({ worker, readerToken }: StackFile, body: string): Promise<number> => {
  const url = new URL("/search", worker);
  url.searchParams.set("q", `"${body}"`);
  url.searchParams.set("limit", "100");
  const response = await fetch(url, { headers: { Authorization: `Bearer ${readerToken}` } });
  expect(response.status).toBe(200);
  return ((await response.json()) as { hits: readonly unknown[] }).hits.length;
};

const waitForCount = (file: StackFile, body: string, expected: number): Promise<void> =>
  expect.poll(() => count(file, body), { timeout: 60_000, interval: 500 }).toBe(expected);

interface Mapping {
  readonly mappings: { readonly properties: { readonly edgelog: { readonly properties: Record<string, object> } } };
}

/** Indices of a day, without those for logs with an implausible time, of which no copy is needed. */
const listDailyIndices = async ({ opensearch: url }: StackFile): Promise<readonly string[]> => {
  const indices = await queryOpenSearch<Record<string, object>>(url, "/logs-*/_alias", undefined, "GET");
  return Object.keys(indices).filter((name) => parseIndexPeriod(name) !== undefined);
};

/** Whether the index has a field that version 0.1.0 does not know. */
const hasNewField = async ({ opensearch: url }: StackFile, index: string): Promise<boolean> => {
  const mapping = await queryOpenSearch<Record<string, Mapping>>(url, `/${index}/_mapping`, undefined, "GET");
  return Object.values(mapping).every(({ mappings }) => "shortened" in mappings.properties.edgelog.properties);
};

const reindex = async ({ opensearch: url }: StackFile, indices: readonly string[]): Promise<string> => {
  const args = ["stack/commands/reindex.ts", ...indices];
  const { stdout } = await execa(process.execPath, args, { cwd: ROOT_DIR, env: { OPENSEARCH_URL: url } });
  return stdout;
};

/** Each step needs the data of the one before, so one failure is reported once. */
describe.skipIf(isSkipped)("from version 0.1.0", { timeout: TIMEOUT_MS }, () => {
  const before = toEvents("before the upgrade", 20);
  const waiting = toEvents("waiting in the broker", WAITING_MESSAGES);
  const between = toEvents("after the upgrade", 20);
  let first: StackFile | undefined;
  let second: StackFile | undefined;

  it("runs, stores over HTTP and MQTT, and stops with messages in the broker", async () => {
    const file = await start(old);
    expect(await post(file, before)).toMatchObject({ stored: 20 });
    await publish(file, toEvents("published before", 20));
    await waitForCount(file, "published before", 20);
    // From here on the relay does not read.
    const { relay } = file.processes;
    if (relay === undefined) throw new Error("no relay");
    process.kill(relay, "SIGSTOP");
    await publish(file, waiting);
    expect(await count(file, "waiting in the broker")).toBe(0);
    await stop();
    first = file;
  });

  it("continues with this version: keys, tokens, documents and messages in the queues", async () => {
    expect(first).toBeDefined();
    const file = await start(current);
    expect(file.app).toEqual(first?.app);
    expect(file.readerToken).toBe(first?.readerToken);
    await waitForCount(file, "waiting in the broker", WAITING_MESSAGES);
    expect(await search(file, "before the upgrade")).toBe(20);
    expect(await search(file, "published before")).toBe(20);
    expect(await post(file, between)).toMatchObject({ stored: 20 });
    expect(await post(file, between)).toMatchObject({ stored: 0, duplicates: 20 });
    await publish(file, waiting.slice(0, 50));
    await publish(file, toEvents("published after", 20));
    await waitForCount(file, "published after", 20);
    expect(await count(file, "waiting in the broker")).toBe(WAITING_MESSAGES);
    second = file;
  });

  it("stores a log of version 0.1.0 once more if it is sent again, because the ids of documents now contain the app", async () => {
    const file = toRunning(second);
    expect(await post(file, before)).toMatchObject({ stored: 20 });
    expect(await post(file, before)).toMatchObject({ stored: 0, duplicates: 20 });
    await waitForCount(file, "before the upgrade", 40);
    expect(await search(file, "before the upgrade")).toBe(40);
  });

  it("reindexes the index of today, which then has the new fields, and in which ids still find their documents", async () => {
    const file = toRunning(second);
    const indices = await listDailyIndices(file);
    expect(indices.length).toBeGreaterThan(0);
    for (const index of indices) expect(await hasNewField(file, index)).toBe(false);
    const output = await reindex(file, indices);
    for (const index of indices) {
      expect(output).toContain(`${index}-r1 has replaced ${index}`);
      expect(await hasNewField(file, index)).toBe(true);
    }
    expect(await post(file, [...before, ...between])).toMatchObject({ stored: 0, duplicates: 40 });
    await publish(file, waiting);
    await publish(file, toEvents("published after the copy", 20));
    await waitForCount(file, "published after the copy", 20);
    expect(await count(file, "waiting in the broker")).toBe(WAITING_MESSAGES);
    expect(await search(file, "before the upgrade")).toBe(40);
    expect(await search(file, "published before")).toBe(20);
    await stop();
  });

  it("goes back to version 0.1.0, which reads and writes what this version has stored", async () => {
    expect(first).toBeDefined();
    const file = await start(old);
    expect(await search(file, "after the upgrade")).toBe(20);
    expect(await search(file, "before the upgrade")).toBe(40);
    await publish(file, toEvents("published after going back", 20));
    await waitForCount(file, "published after going back", 20);
    await stop();
  });
});
