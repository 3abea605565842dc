/**
 * Field cases C: MQTT and HTTP as clients use them, through the complete stack. The logs that `GET /search` returns and the
 * payloads that `GET /rejected` returns decide.
 */
import { createServer } from "node:http";
import { connect as connectSocket, type AddressInfo } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { execa } from "execa";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RejectedResponse } from "#contract/api/search.ts";
import type { RejectedDocument } from "#contract/store/log-document.ts";
import { pathsOf, ROOT_DIR } from "../../stack/lib/state-dir.ts";
import { startBrowser, type Browser } from "../support/browser.ts";
import { readRelayMetric } from "../support/relay-metric.ts";
import { createApp, withApps } from "../support/security/apps.ts";
import { startFieldCaseStack, type FieldCaseStack } from "./support/field-case-stack.ts";

let fieldCases: FieldCaseStack;
beforeAll(async () => {
  fieldCases = await startFieldCaseStack();
});
afterAll(() => fieldCases?.[Symbol.asyncDispose]());

const toMark = (): string => `m${uuidv7().replaceAll("-", "")}`;

const readRejected = async (mark: string): Promise<readonly RejectedDocument[]> => {
  const { hits } = await fieldCases.read<RejectedResponse>("/rejected?app=demo&limit=100");
  return hits.map(({ document }) => document).filter(({ payload }) => payload.text?.includes(mark));
};

const connectKeyed = (options: IClientOptions = {}): Promise<MqttClient> => {
  const { file } = fieldCases.stack;
  const login = { username: file.app.id, password: file.app.key };
  return mqtt.connectAsync(file.mqtt, { protocolVersion: 4, reconnectPeriod: 0, ...login, ...options }, false);
};

/** As flutter_logs connects: MQTT 3.1.1, no user name. */
const connectLegacy = (options: IClientOptions = {}): Promise<MqttClient> =>
  mqtt.connectAsync(fieldCases.stack.file.mqtt, { protocolVersion: 4, reconnectPeriod: 0, ...options }, false);

describe("C1: MQTT 3.1.1 with QoS 1 and another topic than the client's", () => {
  const topics = ["logs/demo", "logs/demo/", "logs/demo/phone/errors", "logs/demo/a/b/c/d"];
  it.each(topics)("%s: the app's rejected list has the payload with its topic", async (topic) => {
    const mark = toMark();
    const client = await connectKeyed({ clientId: "phone" });
    await client.publishAsync(topic, mark, { qos: 1 });
    await client.endAsync();
    const [rejected] = await fieldCases.stack.waitFor(
      "the rejected payload",
      () => readRejected(mark),
      ({ length }) => length === 1,
    );
    expect(rejected).toMatchObject({ reason: "unknown_topic", field: "topic", edgelog: { app: "demo", topic } });
    expect(rejected?.message).toContain("logs/{user}/{client}");
  });

  it("the topic of another client id: stored with the client id of the topic", async () => {
    const mark = toMark();
    const client = await connectKeyed({ clientId: "mqttjs_a81f" });
    await client.publishAsync("logs/demo/fixed-name", JSON.stringify({ body: mark }), { qos: 1 });
    await client.endAsync();
    const [hit] = await fieldCases.searchUntil(mark, 1);
    expect(hit?.document.edgelog).toMatchObject({ app: "demo", client: "fixed-name" });
  });

  it("MQTT 5: PUBACK reports that a topic outside of the app is not authorized", async () => {
    const client = await connectKeyed({ clientId: "five", protocolVersion: 5 });
    const published = client.publishAsync("other/topic", "x", { qos: 1 });
    await expect(published).rejects.toMatchObject({ code: 0x87 });
    await client.endAsync();
  });
});

describe("C2: retained messages and wills of flutter_logs apps", () => {
  it.each([0, 1] as const)("a retained message with QoS %d is stored, and the app stays connected", async (qos) => {
    const mark = toMark();
    const app = await connectLegacy();
    await app.publishAsync("mqtt", `first ${mark}`, { qos, retain: true });
    await app.publishAsync("mqtt", `second ${mark}`, { qos, retain: true });
    expect(await fieldCases.searchUntil(mark, 2)).toHaveLength(2);
    expect(app.connected).toBe(true);
    await app.endAsync();
  });

  it.each([
    ["a will", false],
    ["a retained will", true],
  ])("%s is stored", async (_, retain) => {
    const mark = toMark();
    const app = await connectLegacy({ will: { topic: "mqtt", payload: Buffer.from(mark), qos: 1, retain } });
    app.stream.destroy();
    expect(await fieldCases.searchUntil(mark, 1)).toHaveLength(1);
  });

  it("a retained message of a client with a key is stored once, also after the relay has restarted", async () => {
    const mark = toMark();
    const client = await connectKeyed({ clientId: "retaining" });
    await client.publishAsync("logs/demo/retaining", JSON.stringify({ body: mark }), { qos: 1, retain: true });
    await client.endAsync();
    await fieldCases.searchUntil(mark, 1);
    await fieldCases.stack.services.relay.stop();
    await fieldCases.stack.services.relay.start();
    await fieldCases.publish({ body: "after the restart" });
    expect(await fieldCases.search(mark)).toHaveLength(1);
  });
});

describe("C3: the Response Topic", () => {
  it.each(["receipts/demo/c", "receipts/demo/c/deep", "receipts/demo/c/a/b"])("%s gets the receipt", async (topic) => {
    const client = await connectKeyed({ protocolVersion: 5, clientId: "c" });
    const receipt = new Promise<{ topic: string; payload: string; correlation: string | undefined }>((resolve) =>
      client.on("message", (receivedTopic, payload, { properties }) =>
        resolve({
          topic: receivedTopic,
          payload: payload.toString(),
          correlation: properties?.correlationData?.toString(),
        }),
      ),
    );
    await client.subscribeAsync(topic, { qos: 1 });
    await client.publishAsync("logs/demo/c", '{"body":"x"}', {
      qos: 1,
      properties: { responseTopic: topic, correlationData: Buffer.from("7") },
    });
    const { payload, ...rest } = await receipt;
    expect(rest).toEqual({ topic, correlation: "7" });
    expect(JSON.parse(payload)).toMatchObject({ stored: 1 });
    await client.endAsync();
  });
});

describe("C4: a page of another origin", () => {
  let browser: Browser;
  let origin: string;
  const server = createServer((_, response) =>
    response.setHeader("Content-Type", "text/html").end("<title>shop</title>"),
  );
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    server.close();
  });

  const send = async (url: string, body: string, way: string): Promise<unknown> => {
    const page = await browser.context.newPage();
    await page.goto(origin);
    const result = await page.evaluate(
      async ([target = "", text = "", kind = ""]) => {
        if (kind.startsWith("beacon")) {
          const type = kind.slice("beacon ".length);
          return navigator.sendBeacon(target, type === "" ? text : new Blob([text], { type }));
        }
        const headers = { "Content-Type": "application/json" };
        const response = await fetch(target, { method: "POST", body: text, headers, credentials: "include" });
        return response.status;
      },
      [url, body, way],
    );
    // A beacon is sent although its page is closed.
    await page.close();
    return result;
  };

  it.each(["beacon application/json", "beacon text/plain", "beacon ", "fetch with credentials"])(
    "%s is stored",
    async (way) => {
      const mark = toMark();
      const { file } = fieldCases.stack;
      const url = `${file.worker}/logs?app=${file.app.id}&key=${file.app.key}`;
      expect(await send(url, JSON.stringify({ body: mark }), way)).toBe(way.startsWith("beacon") ? true : 200);
      await fieldCases.searchUntil(mark, 1);
    },
  );

  it("a beacon to an app with a list of origins is stored if the origin is in the list", async () => {
    const keys = await withApps(fieldCases.stack.home, async (registry) => ({
      shop: await createApp(registry, "shop", { origins: [origin] }),
      closed: await createApp(registry, "closed", { origins: ["https://shop.example"] }),
    }));
    const post = (app: "shop" | "closed") =>
      fetch(`${fieldCases.stack.file.worker}/logs?app=${app}&key=${keys[app]}`, {
        method: "POST",
        body: '{"body":"x"}',
        headers: { Origin: origin },
      });
    const [shop, closed] = [await post("shop"), await post("closed")];
    expect([shop.status, shop.headers.get("Access-Control-Allow-Origin")]).toEqual([200, origin]);
    expect([closed.status, closed.headers.get("Access-Control-Allow-Origin")]).toEqual([403, null]);
    const mark = toMark();
    const url = `${fieldCases.stack.file.worker}/logs?app=shop&key=${keys.shop}`;
    expect(await send(url, JSON.stringify({ body: mark }), "beacon application/json")).toBe(true);
    await fieldCases.stack.waitFor(
      "the log of shop",
      () => fieldCases.stack.count("logs-*", { match: { body: mark } }),
      (count) => count === 1,
    );
  });
});

describe("C5: Content-Encoding", () => {
  it.each<[encoding: string, compress: (text: string) => Uint8Array]>([
    ["x-gzip", gzipSync],
    ["GZIP", gzipSync],
    ["gzip, identity", gzipSync],
    ["deflate", deflateSync],
    ["deflate", deflateRawSync],
    ["zstd", zstdCompressSync],
    ["zstd", (text) => Buffer.concat([zstdCompressSync(text.slice(0, 9)), zstdCompressSync(text.slice(9))])],
    ["identity", Buffer.from],
  ])("%s is read", async (encoding, compress) => {
    const mark = toMark();
    const body = compress(JSON.stringify({ body: mark }));
    expect(await fieldCases.post(body, { "Content-Encoding": encoding })).toMatchObject({ stored: 1 });
    expect(await fieldCases.search(mark)).toHaveLength(1);
  });

  it.each([
    ["gzip", "text", (mark: string) => Buffer.from(`not gzip ${mark}`)],
    ["x-gzip", "JSON", (mark: string) => Buffer.from(JSON.stringify({ body: mark }))],
    ["deflate", "text", (mark: string) => Buffer.from(`not deflate ${mark}`)],
    ["zstd", "text", (mark: string) => Buffer.from(`not zstd ${mark}`)],
  ])("%s on a body that is %s: a receipt, and the app's rejected list has the body", async (encoding, _, toBody) => {
    const mark = toMark();
    const response = await fieldCases.stack.postLogs(toBody(mark), { "Content-Encoding": encoding });
    expect(response.status).toBe(400);
    const violation = { reason: "broken_gzip", field: "Content-Encoding" };
    expect(await response.json()).toMatchObject({ v: 1, stored: 0, rejected: [violation] });
    expect(await readRejected(mark)).toMatchObject([{ ...violation, payload: { text: toBody(mark).toString() } }]);
  });

  it.each([
    ["gzip", "a truncated body", (text: string) => gzipSync(text).subarray(0, -9)],
    ["deflate", "two streams", (text: string) => Buffer.concat([deflateSync(text), deflateSync(text)])],
  ])("%s on %s: a receipt, and the rejected list has its bytes", async (encoding, _, compress) => {
    const body = compress(JSON.stringify({ body: toMark().repeat(20) }));
    const receipt = await fieldCases.post(body, { "Content-Encoding": encoding });
    expect(receipt).toMatchObject({ stored: 0, rejected: [{ reason: "broken_gzip" }] });
    const { hits } = await fieldCases.read<RejectedResponse>("/rejected?app=demo&reason=broken_gzip&limit=100");
    expect(hits.map(({ document }) => document.payload.base64)).toContain(body.toString("base64"));
  });

  it("zstd with more content than the limit: 413", async () => {
    const body = zstdCompressSync("x".repeat(100_000_000));
    expect((await fieldCases.stack.postLogs(body, { "Content-Encoding": "zstd" })).status).toBe(413);
  });

  it.each(["br", "compress", "gzip, gzip", "toString"])("%s: 415 with the supported encodings", async (encoding) => {
    const response = await fieldCases.stack.postLogs("x", { "Content-Encoding": encoding });
    expect([response.status, response.headers.get("Accept-Encoding")]).toEqual([415, "gzip, deflate, zstd"]);
  });
});

describe("C6: the page goes away during POST /logs", () => {
  it.each([1, 900])(
    "the log is stored although the connection is closed after the request, %d kB",
    async (kilobytes) => {
      const mark = toMark();
      const { file } = fieldCases.stack;
      const { hostname, port } = new URL(file.worker);
      const lines = [JSON.stringify({ body: mark }), ...Array.from({ length: kilobytes }, () => "x".repeat(1_000))];
      const body = lines.join("\n");
      const head = [
        `POST /logs?app=${file.app.id}&key=${file.app.key} HTTP/1.1`,
        `Host: ${hostname}`,
        "Content-Type: application/json",
        `Content-Length: ${Buffer.byteLength(body)}`,
      ];
      const socket = connectSocket(Number(port), hostname);
      await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
      await new Promise<void>((resolve) => socket.write(`${head.join("\r\n")}\r\n\r\n${body}`, () => resolve()));
      socket.destroy();
      expect(await fieldCases.searchUntil(mark, 1)).toHaveLength(1);
    },
  );
});

describe("C8: make-credentials.sh without names", () => {
  it("keeps the names of the present certificate", async () => {
    const dir = join(fieldCases.stack.home, "certs-c8");
    const script = join(ROOT_DIR, "broker", "mosquitto", "make-credentials.sh");
    await execa(script, ["--dir", dir, "broker.example.org"]);
    await execa(script, ["--dir", dir, "--renew"]);
    const { stdout } = await execa("openssl", [
      "x509",
      "-in",
      join(dir, "server.crt"),
      "-noout",
      "-ext",
      "subjectAltName",
    ]);
    expect(stdout).toContain("DNS:broker.example.org");
  });
});

describe("C7: edgelog_relay_broker_dropped_messages", () => {
  const MAX_QUEUED = 20;
  const SENT = 400;

  const readDropped = async (): Promise<number> =>
    (await readRelayMetric(fieldCases.stack.file.relayHealth, "broker_dropped_messages")) ?? Number.NaN;

  it("is 0 before the first drop, and continues after the relay has restarted", async () => {
    const { services, home, waitFor } = fieldCases.stack;
    const limits = `max_queued_messages ${MAX_QUEUED}\nsys_interval 1\n`;
    await services.relay.stop();
    await services.broker.stop();
    await writeFile(join(pathsOf(home).mosquitto, "conf.d", "limits.conf"), limits);
    await services.broker.start();
    await services.relay.start();
    expect(await readDropped()).toBe(0);

    await services.relay.stop();
    const client = await connectKeyed({ clientId: "many" });
    for (let i = 0; i < SENT; i += 1) await client.publishAsync("logs/demo/many", "x", { qos: 1 });
    await client.endAsync();
    await services.relay.start();
    const isCounted = (dropped: number): boolean => dropped === SENT - MAX_QUEUED;
    await waitFor("the dropped messages", readDropped, isCounted);
    await services.relay.stop();
    await services.relay.start();
    expect(await readDropped()).toBe(SENT - MAX_QUEUED);
  });
});
