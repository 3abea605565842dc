/**
 * Keys, certificates and tokens that change while logs flow: senders with the old and the new go on, and what was handed
 * over is stored once.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { execa } from "execa";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRelay } from "../../stack/services/relay.ts";
import { ROOT_DIR } from "../../stack/lib/state-dir.ts";
import { startPublisher } from "../support/mqtt-publisher.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";
import { withApps } from "../support/security/apps.ts";

const newToken = (): string => `elt_${randomBytes(32).toString("base64url")}`;
const [oldToken, token] = [newToken(), newToken()];

/** Long enough for many events before, during and after each change. */
const BETWEEN_MS = 1_000;
const RECEIPT_MS = 5_000;
const DAY_MS = 86_400_000;

let line: TestStack;
let home: string;

beforeAll(async () => {
  // As after the first step of a change: the Worker takes both tokens, and the relay still shows the old one.
  line = await startTestStack({
    env: { worker: { RELAY_TOKEN: token, RELAY_TOKEN_PREVIOUS: oldToken }, relay: { RELAY_TOKEN: oldToken } },
  });
  home = dirname(dirname(dirname(line.stack.file.ca)));
});
afterAll(() => line?.[Symbol.asyncDispose]());

interface Sender {
  readonly ids: readonly string[];
  /** Resolves when everything that was begun has its receipt. */
  stop(): Promise<void>;
}

/** Sends one event after the other, each until a receipt accounts for it. */
const startSender = (send: (id: string) => Promise<boolean>): Sender => {
  const ids: string[] = [];
  let isStopping = false;
  const run = async (): Promise<void> => {
    while (!isStopping) {
      const id = uuidv7();
      ids.push(id);
      while (!(await send(id).catch(() => false))) await sleep(50);
    }
  };
  const runs = Promise.all(Array.from({ length: 5 }, run));
  return {
    ids,
    async stop() {
      isStopping = true;
      await runs;
    },
  };
};

const toEvent = (id: string): string => JSON.stringify({ id, body: "while things change" });

const startHttpSender = (key: string): Sender =>
  startSender(async (id) => {
    const response = await line.postLogs(toEvent(id), { Authorization: `Bearer demo:${key}` });
    return response.status === 200;
  });

const startMqttSender = async (key: string): Promise<Sender> => {
  const { mqtts: url, ca } = line.stack.file;
  const publisher = await startPublisher({ url, app: "demo", key, ca: await readFile(ca) });
  const sender = startSender(async (id) => {
    const correlation = uuidv7();
    await publisher.publish(toEvent(id), correlation);
    return (await publisher.receipt(correlation, RECEIPT_MS)).rejected.length === 0;
  });
  return {
    ids: sender.ids,
    async stop() {
      await sender.stop();
      await publisher[Symbol.asyncDispose]();
    },
  };
};

const rotateDemo = async (): Promise<string> => {
  const { stdout } = await execa(process.execPath, ["stack/commands/app.ts", "rotate", "demo", "--grace-days", "1"], {
    cwd: ROOT_DIR,
    env: { EDGELOG_HOME: home },
  });
  return /elk2_[\w-]+/.exec(stdout)?.[0] ?? "";
};

const serialOf = async (): Promise<string> => {
  const { mqtts, ca } = line.stack.file;
  const trusted = await readFile(ca);
  return await new Promise((resolve, reject) => {
    const socket = connectTls({ port: Number(new URL(mqtts).port), servername: "localhost", ca: trusted }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    }).once("error", reject);
  });
};

const renewCertificate = async (): Promise<void> => {
  const before = await serialOf();
  const script = join(ROOT_DIR, "broker", "mosquitto", "make-credentials.sh");
  await execa(script, ["--dir", dirname(line.stack.file.ca), "--renew"]);
  line.stack.services.broker.kill("SIGHUP");
  await expect.poll(serialOf).not.toBe(before);
};

describe("under load", () => {
  it("a key, the broker's certificate and the relay's token change, and nothing is lost or doubled", async () => {
    const { app } = line.stack.file;
    const senders = [startHttpSender(app.key), await startMqttSender(app.key)];
    await sleep(BETWEEN_MS);

    const key = await rotateDemo();
    senders.push(startHttpSender(key), await startMqttSender(key));
    await sleep(BETWEEN_MS);

    await renewCertificate();
    // Who connects after it meets the new certificate, with either key.
    senders.push(await startMqttSender(app.key), await startMqttSender(key));
    await sleep(BETWEEN_MS);

    // Until here the relay showed the old token, and the Worker took it.
    const metrics = await (await fetch(line.stack.file.relayHealth.replace("/healthz", "/metrics"))).text();
    expect(metrics).not.toContain('failure="denied"');

    // The relay with the new token takes over what waits in the broker meanwhile.
    await line.stack.services.relay.stop();
    const { mqtt: brokerUrl, worker: workerUrl } = line.stack.file;
    await using relay = await startRelay({ home, brokerUrl, workerUrl, env: { RELAY_TOKEN: token } });
    await sleep(BETWEEN_MS);

    const sent = senders.map(({ ids }) => ids.length);
    await Promise.all(senders.map((sender) => sender.stop()));
    console.log(`events by sender: ${sent.join(", ")}`);
    for (const count of sent) expect(count).toBeGreaterThan(5);
    const ids = senders.flatMap((sender) => sender.ids);
    expect(await line.count("logs-*", { match_phrase: { body: "while things change" } })).toBe(ids.length);
    expect(await line.count("logs-*", { ids: { values: ids } })).toBe(ids.length);
    expect(await line.count("rejected-*", { match_all: {} })).toBe(0);
    expect((await fetch(`${relay.url}/healthz`)).status).toBe(200);
  });

  it("an old key ends with its grace, over HTTP and, with the next sync, over MQTT", async () => {
    const { app, mqtt } = line.stack.file;
    const old = { url: mqtt, app: "demo", key: app.key };
    await using connected = await startPublisher(old);
    const isClosed = new Promise<void>((resolve) => connected.client.once("close", resolve));
    await withApps(home, async (registry) => {
      const demo = registry.find("demo");
      const [first, ...rest] = demo.keys;
      expect(Date.parse(first?.expiresAt ?? "")).toBeLessThan(Date.now() + DAY_MS);
      const expiresAt = new Date(Date.now() - 1).toISOString();
      await registry.commit("demo", { ...demo, keys: [{ ...demo.keys[0]!, expiresAt }, ...rest] });
    });
    expect((await line.postLogs({ body: "late" })).status).toBe(401);
    await isClosed;
    connected.client.end(true);
    await expect(startPublisher(old)).rejects.toThrow(/not authorized/i);
  });
});
