/**
 * Rotation of keys, certificates and tokens under load: senders with old and new credentials continue, and each event is
 * stored once.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { execa } from "execa";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS } from "#contract/wire/durations.ts";
import { startRelay } from "../../stack/services/relay.ts";
import { ROOT_DIR } from "../../stack/lib/state-dir.ts";
import { startPublisher } from "../support/mqtt-publisher.ts";
import { startLoops } from "../support/start-loops.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";
import { withApps } from "../support/security/apps.ts";

const newToken = (): string => `elt_${randomBytes(32).toString("base64url")}`;
const [oldToken, token] = [newToken(), newToken()];

/** Each sender sends this many events between two changes. */
const EVENTS_BETWEEN_CHANGES = 5;
const RECEIPT_MS = 5_000;

let stack: TestStack;
let home: string;

beforeAll(async () => {
  // The state after the first step of a rotation: the Worker accepts both tokens, the relay still sends the old one.
  stack = await startTestStack({
    env: { worker: { RELAY_TOKEN: token, RELAY_TOKEN_PREVIOUS: oldToken }, relay: { RELAY_TOKEN: oldToken } },
  });
  home = stack.home;
});
afterAll(() => stack?.[Symbol.asyncDispose]());

interface Sender {
  readonly ids: readonly string[];
  /** Stops sending; resolves when every event has its receipt. */
  stop(): Promise<void>;
}

/** Sends events sequentially in five loops; each event is retried until it has a receipt. */
const startSender = (send: (id: string) => Promise<boolean>): Sender => {
  const ids: string[] = [];
  const loops = startLoops(async () => {
    const id = uuidv7();
    ids.push(id);
    while (!(await send(id).catch(() => false))) await sleep(50);
  }, 5);
  return { ids, stop: () => loops.stop() };
};

const toEvent = (id: string): string => JSON.stringify({ id, body: "sent during rotation" });

const startHttpSender = (key: string): Sender =>
  startSender(async (id) => {
    const response = await stack.postLogs(toEvent(id), { Authorization: `Bearer demo:${key}` });
    return response.status === 200;
  });

const startMqttSender = async (key: string): Promise<Sender> => {
  const { mqtts: url, ca } = stack.file;
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

/** Waits until each sender has sent more events. */
const waitForMoreEvents = async (senders: readonly Sender[]): Promise<void> => {
  const targets = senders.map(({ ids }) => ids.length + EVENTS_BETWEEN_CHANGES);
  await expect
    .poll(() => senders.every(({ ids }, i) => ids.length >= (targets[i] ?? 0)), { timeout: 20_000 })
    .toBe(true);
};

const rotateDemo = async (): Promise<string> => {
  const { stdout } = await execa(process.execPath, ["stack/commands/app.ts", "rotate", "demo", "--grace-days", "1"], {
    cwd: ROOT_DIR,
    env: { EDGELOG_HOME: home },
  });
  return /elk2_[\w-]+/.exec(stdout)?.[0] ?? "";
};

const serialOf = async (): Promise<string> => {
  const { mqtts, ca } = stack.file;
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
  await execa(script, ["--dir", dirname(stack.file.ca), "--renew"]);
  stack.services.broker.kill("SIGHUP");
  await expect.poll(serialOf).not.toBe(before);
};

describe("rotation under load", () => {
  it("of an app key, the broker certificate and the relay token loses and duplicates no event", async () => {
    const { app } = stack.file;
    const senders = [startHttpSender(app.key), await startMqttSender(app.key)];
    await waitForMoreEvents(senders);

    const key = await rotateDemo();
    senders.push(startHttpSender(key), await startMqttSender(key));
    await waitForMoreEvents(senders);

    await renewCertificate();
    // New connections get the new certificate; both keys are valid.
    senders.push(await startMqttSender(app.key), await startMqttSender(key));
    await waitForMoreEvents(senders);

    // Until now the relay sent the old token, and the Worker accepted it.
    const metrics = await (await fetch(stack.file.relayHealth.replace("/healthz", "/metrics"))).text();
    expect(metrics).not.toContain('failure="denied"');

    // The relay with the new token receives the messages that queued in the broker meanwhile.
    await stack.services.relay.stop();
    const { mqtt: brokerUrl, worker: workerUrl } = stack.file;
    await using relay = await startRelay({ home, brokerUrl, workerUrl, env: { RELAY_TOKEN: token } });
    await waitForMoreEvents(senders);

    const sent = senders.map(({ ids }) => ids.length);
    await Promise.all(senders.map((sender) => sender.stop()));
    console.log(`events by sender: ${sent.join(", ")}`);
    for (const count of sent) expect(count).toBeGreaterThan(5);
    const ids = senders.flatMap((sender) => sender.ids);
    expect(await stack.count("logs-*", { match_phrase: { body: "sent during rotation" } })).toBe(ids.length);
    expect(await stack.count("logs-*", { terms: { "log.record.uid": ids } })).toBe(ids.length);
    expect(await stack.count("rejected-*", { match_all: {} })).toBe(0);
    expect((await fetch(`${relay.url}/healthz`)).status).toBe(200);
  });

  it("ends the old key after its grace period: over HTTP immediately, over MQTT with the next sync", async () => {
    const { app, mqtt } = stack.file;
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
    expect((await stack.postLogs({ body: "late" })).status).toBe(401);
    await isClosed;
    connected.client.end(true);
    await expect(startPublisher(old)).rejects.toThrow(/not authorized/i);
  });
});
