/** All routes into edgelog, end to end: an event sent on each of them is in OpenSearch with all its fields. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SearchResponse } from "#contract/api/search.ts";
import { receiptSchema } from "#contract/wire/receipt.ts";
import { validFixtures } from "../contract/tests/fixtures.ts";
import { startBrowser } from "./support/browser.ts";
import { startPublisher } from "./support/mqtt-publisher.ts";
import { startTestStack, type Hit, type TestStack } from "./support/test-stack.ts";

const run = promisify(execFile);

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const found = async (query: object, hits = 1): Promise<readonly Hit[]> =>
  stack.waitFor(
    `${hits} document(s) for ${JSON.stringify(query)}`,
    () => stack.search("logs-*", query),
    (all) => all.length >= hits,
  );

const byId = (id: string): object => ({ term: { "log.record.uid": id } });

const makeEvent = (body: string) => ({
  id: uuidv7(),
  severity: "warn",
  body,
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  attributes: { "user.id": "u-1", "http.response.status_code": 503, "cart.items": 3 },
});

const EXPECTED = {
  severity: { text: "warn", number: 13 },
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  user: { id: "u-1" },
  http: { response: { status_code: 503 } },
  attributes: { "cart.items": 3 },
};

describe("MQTT and HTTP", () => {
  it("stores an event from POST /logs", async () => {
    const event = makeEvent("by http");
    const response = await stack.postLogs(event);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ stored: 1, duplicates: 0, rejected: [] });
    const [hit] = await found(byId(event.id));
    expect(hit?._source).toMatchObject({ ...EXPECTED, body: "by http", edgelog: { app: "demo", transport: "http" } });
  });

  it.each(["mqtt", "mqtts", "wss"] as const)(
    "stores an event from the listener %s and sends a receipt",
    async (listener) => {
      const { file } = stack;
      const ca = await readFile(file.ca);
      await using publisher = await startPublisher({ url: file[listener], app: file.app.id, key: file.app.key, ca });
      const event = makeEvent(`by ${listener}`);
      await publisher.publish(JSON.stringify(event), "c-1");
      expect(await publisher.receipt("c-1")).toMatchObject({ stored: 1, duplicates: 0, rejected: [] });
      const [hit] = await found(byId(event.id));
      expect(hit?._source).toMatchObject({
        ...EXPECTED,
        body: `by ${listener}`,
        edgelog: { app: "demo", transport: "mqtt" },
      });
    },
  );

  it("stores one document for an event that is sent on three routes", async () => {
    const { file } = stack;
    const event = makeEvent("three ways");
    await using plain = await startPublisher({ url: file.mqtt, app: file.app.id, key: file.app.key });
    await using edge = await startPublisher({
      url: `${file.worker.replace("http", "ws")}/mqtt`,
      app: file.app.id,
      key: file.app.key,
    });
    const receipts = [
      receiptSchema.parse(await (await stack.postLogs(event)).json()),
      await plain.publish(JSON.stringify(event), "a").then(() => plain.receipt("a")),
      await edge.publish(JSON.stringify({ v: 1, events: [event] }), "b").then(() => edge.receipt("b")),
    ];
    expect(receipts.map(({ stored, duplicates }) => [stored, duplicates])).toEqual([
      [1, 0],
      [0, 1],
      [0, 1],
    ]);
    expect(await stack.count("logs-*", { match_phrase: { body: "three ways" } })).toBe(1);
  });

  it("accepts mosquitto_pub with the CA certificate", async () => {
    const { file } = stack;
    const id = uuidv7();
    const port = new URL(file.mqtts).port;
    const login = ["-u", file.app.id, "-P", file.app.key, "-i", "pub-1"];
    const message = ["-t", "logs/demo/pub-1", "-q", "1", "-m", JSON.stringify({ id, body: "by mosquitto_pub" })];
    await run("mosquitto_pub", ["-h", "localhost", "-p", port, "--cafile", file.ca, ...login, ...message]);
    const [hit] = await found(byId(id));
    expect(hit?._source.edgelog).toMatchObject({ client: "pub-1", dialect: "event" });
  });

  it("rejects events of a client with a slash in its id", async () => {
    const { file } = stack;
    await using publisher = await startPublisher({
      url: file.mqtt,
      app: file.app.id,
      key: file.app.key,
      clientId: "a/b",
    });
    const mark = uuidv7();
    await publisher.publish(JSON.stringify({ body: mark }));
    const [hit] = await stack.waitFor(
      "the rejected message",
      () => stack.search("rejected-*", { term: { "edgelog.topic": "logs/demo/a/b" } }),
      (hits) => hits.length > 0,
    );
    expect(hit?._source).toMatchObject({ reason: "unknown_topic" });
    expect(hit?._source["payload"].text).toContain(mark);
  });

  it("sends a receipt only to the publisher of the event", async () => {
    const { file } = stack;
    const login = { url: file.mqtt, app: file.app.id, key: file.app.key };
    await using thief = await startPublisher({ ...login, clientId: "thief" });
    await using victim = await startPublisher({ ...login, clientId: "victim" });
    await thief.client.publishAsync("logs/demo/thief", JSON.stringify({ body: "x" }), {
      qos: 1,
      properties: { responseTopic: "receipts/demo/victim", correlationData: Buffer.from("stolen") },
    });
    await thief.publish(JSON.stringify({ body: "y" }), "own");
    await thief.receipt("own");
    expect(victim.receipts.size).toBe(0);
    const metrics = await (await fetch(file.relayHealth.replace("/healthz", "/metrics"))).text();
    expect(metrics).toMatch(/receipts_total\{result="forbidden_topic"\} [1-9]/);
  });
});

describe("existing flutter_logs apps", () => {
  it("can publish to the topic mqtt over TLS without a user name", async () => {
    const { file } = stack;
    const fixture = validFixtures.find(({ name }) => name === "flutter-info");
    const payload = Buffer.from(fixture?.bytes ?? []).toString();
    const port = new URL(file.mqtts).port;
    const message = ["-V", "mqttv311", "-t", "mqtt", "-q", "0", "-m", payload];
    await run("mosquitto_pub", ["-h", "localhost", "-p", port, "--cafile", file.ca, ...message]);
    const [hit] = await found({ term: { "user.id": "883023-2832-2323" } });
    expect(hit?._source).toMatchObject({ ...fixture?.documents[0], edgelog: { app: "demo", dialect: "flutter_json" } });

    const url = new URL("/search?q=883023-2832-2323", file.worker);
    const answer = await fetch(url, { headers: { Authorization: `Bearer ${file.readerToken}` } });
    expect(await answer.json()).toMatchObject({ total: 1 });
  });
});

describe("Chromium", () => {
  it.each([
    ["MQTT via Worker", "mqtt"],
    ["MQTT direct", "mqtt"],
    ["HTTP", "http"],
  ])("stores events of the demo sent by %s", async (way, transport) => {
    const { file } = stack;
    const certificate = await readFile(join(dirname(file.ca), "server.crt"));
    await using browser = await startBrowser(certificate);
    const page = await browser.context.newPage();
    await page.goto(file.demo);
    await page.getByLabel(way).check();
    const before = await stack.count("logs-*", { match_phrase: { body: "Voucher expired, ignored" } });
    await page.getByRole("button", { name: "Use an old voucher" }).click();
    await page.locator("#events li", { hasText: "Voucher expired" }).locator('[data-state="stored"]').waitFor();
    expect(await stack.count("logs-*", { match_phrase: { body: "Voucher expired, ignored" } })).toBe(before + 1);
    const hits = await stack.search("logs-*", { match_phrase: { body: "Voucher expired, ignored" } });
    const hit = hits.find(({ _source }) => _source.edgelog.transport === transport);
    expect(hit?._source).toMatchObject({
      severity: { text: "warn" },
      user: { id: "u-1042" },
      attributes: { "voucher.code": "SPRING24", "voucher.expired_days": 211 },
      resource: { service: { name: "corner-shop" } },
    });
  });
});

describe("the cron trigger", () => {
  it("deletes expired indices and no others", async () => {
    const { file } = stack;
    const indices = ["logs-7d-2020.01.01", "logs-365d-2020.01.01", "rejected-2020.01.01", "unrelated-2020.01.01"];
    for (const index of indices) await fetch(new URL(`/${index}`, file.opensearch), { method: "PUT" });
    const fresh = uuidv7();
    await stack.postLogs({ id: fresh, body: "fresh" });
    expect((await fetch(new URL("/cdn-cgi/local/scheduled?cron=17+*+*+*+*", file.worker))).status).toBe(200);
    const exists = async (index: string): Promise<boolean> =>
      (await fetch(new URL(`/${index}`, file.opensearch), { method: "HEAD" })).status === 200;
    expect(await Promise.all(indices.map(exists))).toEqual([false, false, false, true]);
    expect(await stack.count("logs-*", byId(fresh))).toBe(1);
  });
});

describe("GET /search", () => {
  const search = (query: string, token: string): Promise<Response> =>
    fetch(new URL(`/search?${query}`, stack.file.worker), { headers: { Authorization: `Bearer ${token}` } });

  it.each([
    ["an unknown token", "q=x", "elr_wrong", 401, { reason: "invalid_credentials" }],
    ["an app outside the token's scope", "app=other", undefined, 403, { reason: "forbidden_app", field: "app" }],
    ["a limit too high", "limit=1001", undefined, 400, { reason: "too_long", field: "limit", limit: 1000 }],
    ["an unknown severity", "severity=loud", undefined, 400, { reason: "invalid_field", field: "severity" }],
  ])("refuses a request with %s", async (_, query, token, status, problem) => {
    const response = await search(query, token ?? stack.file.readerToken);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject(problem);
  });

  it("returns an attribute named __proto__", async () => {
    const id = uuidv7();
    await stack.postLogs(`{"id":"${id}","body":"polluted","attributes":{"__proto__":{"isAdmin":true}}}`);
    await stack.waitFor(
      "the log",
      () => stack.count("logs-*", { term: { "log.record.uid": id } }),
      (count) => count === 1,
    );
    const response = await search(`q=${id}`, stack.file.readerToken);
    expect(await response.text()).toContain('"__proto__":{"isAdmin":true}');
  });

  it("filters by minimum severity", async () => {
    const mark = uuidv7();
    for (const severity of ["debug", "warn", "fatal"])
      await stack.postLogs({ body: "graded", severity, attributes: { mark } });
    await stack.waitFor(
      "the logs",
      () => stack.count("logs-*", { term: { "attributes.mark": mark } }),
      (count) => count === 3,
    );
    const response = await search(`q=${mark}&severity=warn`, stack.file.readerToken);
    const answer = (await response.json()) as SearchResponse;
    expect(answer.hits.map(({ document }) => document.severity.text)).toEqual(["fatal", "warn"]);
  });
});
