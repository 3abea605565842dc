/**
 * Clients of Elasticsearch and OpenSearch for Node.js, and transports of pino and winston for them and for other protocols, against
 * the real stack: all logs are found once, with the fields that were sent.
 */
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Client as ElasticClient } from "@elastic/elasticsearch";
import { Client as OpenSearchClient } from "@opensearch-project/opensearch";
import pino from "pino";
import pinoElasticsearch from "pino-elasticsearch";
import { v7 as uuidv7 } from "uuid";
import winston from "winston";
import { ElasticsearchTransport } from "winston-elasticsearch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judge } from "./expected-logs.ts";
import { SENDERS } from "./senders.ts";
import { startTestStack, type Hit, type TestStack } from "../support/test-stack.ts";

const LOGS = 1_000;
const TRACE_ID = "5b8efff798038103d269b633813fc60c";
const UNICODE = "Grüße 😀 日本";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ hasStoreLink: true });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const node = (): string => new URL("/elasticsearch", stack.file.worker).href;
const auth = () => ({ username: stack.file.app.id, password: stack.file.app.key });
const ofType = (type: string): object => ({ term: { "attributes.log.type": type } });

const findAll = async (type: string, count = LOGS): Promise<readonly Hit[]> => {
  const search = (): Promise<readonly Hit[]> => stack.search("logs-*", ofType(type), 2 * LOGS);
  return await stack.waitFor(`${count} logs of ${type}`, search, (hits) => hits.length >= count);
};

const find = (hits: readonly Hit[], body: string): Hit["_source"] | undefined =>
  hits.find(({ _source }) => _source["body"] === body)?._source;

const expectOnce = (hits: readonly Hit[]): void => {
  const bodies = hits.map(({ _source }) => String(_source["body"]));
  expect(hits).toHaveLength(LOGS);
  expect(new Set(bodies.filter((body) => body.startsWith("event "))).size).toBe(LOGS - 3);
};

const EXPECTED_ERROR = {
  severity: { text: "error" },
  exception: { type: "TypeError", message: "no card", stacktrace: expect.stringContaining("at ") },
};

describe("pino-elasticsearch", () => {
  it("stores each log once", async () => {
    const stream = pinoElasticsearch({ node: node(), auth: auth(), index: "pino-%{DATE}", flushBytes: 100_000 });
    const failures: unknown[] = [];
    for (const event of ["error", "insertError", "unknown"]) stream.on(event, (error) => failures.push(error));
    const inserted = new Promise((resolve) => stream.once("insert", resolve));
    const logger = pino({ level: "trace" }, stream);
    for (let n = 0; n < LOGS - 3; n += 1) logger.info({ n }, `event ${n}`);
    logger.warn({ trace_id: TRACE_ID }, UNICODE);
    logger.error(new TypeError("no card"), "payment failed");
    logger.trace("fine");
    stream.end();
    await inserted;
    expect(failures).toEqual([]);
    const hits = await findAll("pino");
    expectOnce(hits);
    expect(find(hits, UNICODE)).toMatchObject({ severity: { text: "warn" }, traceId: TRACE_ID });
    expect(find(hits, "payment failed")).toMatchObject(EXPECTED_ERROR);
    expect(find(hits, "fine")).toMatchObject({ severity: { text: "trace" }, edgelog: { dialect: "pino" } });
  });
});

describe("winston-elasticsearch", () => {
  it.each([
    ["with an index of each day", { indexPrefix: "winston" }, "winston"],
    ["with a data stream", { dataStream: true, index: "logs-winston-default" }, "logs-winston-default"],
  ])("stores each log once %s", async (_name, options, type) => {
    const failures: unknown[] = [];
    const transport = new ElasticsearchTransport({
      ...options,
      level: "silly",
      flushInterval: 100,
      clientOpts: { node: node(), auth: auth() },
    });
    const logger = winston.createLogger({ level: "silly", transports: [transport] });
    for (const event of ["error", "warning"]) transport.on(event, (error) => failures.push(error));
    for (let n = 0; n < LOGS - 3; n += 1) logger.info(`event ${n}`, { n });
    logger.warn(UNICODE, { cart: { items: 7 } });
    logger.error("payment failed");
    logger.silly("fine");
    const hits = await findAll(type);
    logger.end();
    expect(failures).toEqual([]);
    expectOnce(hits);
    expect(find(hits, UNICODE)).toMatchObject({
      severity: { text: "warn" },
      attributes: { fields: { cart: { items: 7 } } },
    });
    expect(find(hits, "payment failed")).toMatchObject({ severity: { text: "error" } });
  });
});

describe.each(["pino-loki (npm)", "winston's HTTP transport (npm)"])("%s", (name) => {
  it("stores each log once, with its fields", async () => {
    const { worker: url, app } = stack.file;
    const token = name.slice(0, 4) + Date.now().toString(36);
    const sender = SENDERS.find((each) => each.name === name);
    await sender?.send({ scratch: tmpdir(), url, app: app.id, key: app.key, token, count: LOGS });
    const search = () => stack.search("logs-*", { match_phrase: { body: token } }, 2 * LOGS);
    const hits = await stack.waitFor(`${LOGS} logs of ${name}`, search, (found) => found.length >= LOGS);
    const { lost, doubled, fields } = judge(
      hits.map(({ _source }) => _source),
      LOGS,
    );
    const all = "text level trace exception time service";
    expect({ lost, doubled, fields }).toEqual({ lost: 0, doubled: 0, fields: all });
  });
});

const toDocument = (type: string, n: number) => ({
  _id: `${type}-${n}`,
  "@timestamp": new Date().toISOString(),
  message: `event ${n}`,
  "log.level": "WARN",
  ecs: { version: "8.0.0" },
});

describe("@elastic/elasticsearch", () => {
  it.each([
    ["with Basic", auth],
    ["with an API key", () => ({ apiKey: { id: stack.file.app.id, api_key: stack.file.app.key } })],
    ["with Bearer", () => ({ bearer: `${stack.file.app.id}:${stack.file.app.key}` })],
  ])("stores documents with `_id` once, %s", async (name, credentials) => {
    const client = new ElasticClient({ node: node(), auth: credentials(), compression: true });
    const index = name.toLowerCase().replaceAll(" ", "-");
    expect((await client.info()).version.number).toMatch(/^8\./);
    const documents = Array.from({ length: LOGS }, (_, n) => toDocument(index, n));
    for (let round = 0; round < 2; round += 1) {
      const dropped: unknown[] = [];
      const stats = await client.helpers.bulk({
        datasource: documents,
        flushBytes: 50_000,
        onDocument: ({ _id, ...document }) => [{ create: { _index: `${index}-2026.11.29`, _id } }, document] as never,
        onDrop: (document) => dropped.push(document),
      });
      expect(dropped).toEqual([]);
      expect(stats).toMatchObject({ successful: LOGS, failed: 0, retry: 0 });
    }
    expect(await findAll(index)).toHaveLength(LOGS);
    await client.close();
  });

  it("indexes a document", async () => {
    const client = new ElasticClient({ node: node(), auth: auth() });
    const id = uuidv7();
    const document = { "@timestamp": new Date().toISOString(), message: "one", level: "warning" };
    expect(await client.index({ index: "single", id, document })).toMatchObject({ result: "created", _id: id });
    expect(await client.index({ index: "single", id, document })).toMatchObject({ result: "noop", _id: id });
    expect(await client.create({ index: "single", id: uuidv7(), document })).toMatchObject({ result: "created" });
    expect(await findAll("single", 2)).toHaveLength(2);
    await expect(client.search({ index: "single" })).rejects.toMatchObject({ meta: { statusCode: 404 } });
    await client.close();
  });

  it("receives an error for a wrong key", async () => {
    const client = new ElasticClient({ node: node(), auth: { username: "demo", password: "elk_wrong" } });
    await expect(client.info()).rejects.toMatchObject({ meta: { statusCode: 401 } });
    await client.close();
  });
});

describe("@opensearch-project/opensearch", () => {
  it.each([
    ["gzip", { compression: "gzip" as const }],
    ["plain", {}],
  ])("stores each document once, %s", async (name, options) => {
    const client = new OpenSearchClient({ node: node(), auth: auth(), ...options });
    const index = `opensearch-${name}`;
    const documents = Array.from({ length: LOGS }, (_, n) => toDocument(index, n));
    const { body } = await client.cluster.health();
    expect(body).toMatchObject({ status: "green" });
    for (const result of ["created", "noop"]) {
      const response = await client.bulk({
        index,
        body: documents.flatMap(({ _id, ...document }) => [{ index: { _id } }, document]),
      });
      expect(response.body.errors).toBe(false);
      expect(new Set(response.body.items.map((item) => item["index"]?.result))).toEqual(new Set([result]));
    }
    expect(await findAll(index)).toHaveLength(LOGS);
    await client.close();
  });
});

describe("a bulk request", () => {
  const post = (path: string, body: string): Promise<Response> => {
    const { id, key } = stack.file.app;
    return fetch(new URL(path, stack.file.worker), {
      method: "POST",
      body,
      headers: { Authorization: `Bearer ${id}:${key}`, "Content-Type": "application/x-ndjson" },
    });
  };

  it.each(["/_bulk", "/elasticsearch/_bulk"])("to %s is stored once when it is sent again", async (path) => {
    const type = `again${path.replaceAll("/", "-")}`;
    const action = JSON.stringify({ index: { _index: type } });
    const lines = [1, 2, 3].map(
      (n) => `${action}\n{"@timestamp":"${new Date().toISOString()}","message":"again ${n}"}\n`,
    );
    for (const status of [201, 200]) {
      const response = await post(path, lines.join(""));
      const { items } = (await response.json()) as { items: readonly { index: { status: number } }[] };
      expect(items.map(({ index }) => index.status)).toEqual([status, status, status]);
    }
    expect(await findAll(type, 3)).toHaveLength(3);
  });

  it("while OpenSearch is unavailable is retried by the client until it is stored", async () => {
    const client = new ElasticClient({ node: node(), auth: auth() });
    stack.storeLink.setMode({ kind: "cut" });
    const stats = client.helpers.bulk({
      datasource: Array.from({ length: 10 }, (_, n) => toDocument("outage", n)),
      wait: 3_000,
      retries: 30,
      onDocument: ({ _id, ...document }) => [{ index: { _index: "outage", _id } }, document] as never,
    });
    await sleep(2_000);
    stack.storeLink.setMode({ kind: "healthy" });
    expect(await stats).toMatchObject({ successful: 10, failed: 0 });
    expect(await findAll("outage", 10)).toHaveLength(10);
    await client.close();
  }, 180_000);
});
