/**
 * A relay between the real broker and a Worker that answers from a script.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { pino } from "pino";
import { decodeRelayFrame, type RelayedMessage, type RelayOutcome } from "#contract/relay/relay-frame.ts";
import { startBroker, type Broker } from "../../../../stack/services/broker.ts";
import { parseConfig } from "../../src/config.ts";
import { takeHandover } from "../../src/handover-file.ts";
import { startRelay, type Relay } from "../../src/start-relay.ts";

/** Answers one request; `undefined` never answers. */
export type Script = (messages: readonly RelayedMessage[]) => ScriptedAnswer | undefined;

export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export const done = (stored = 1): RelayOutcome => ({
  state: "done",
  receipt: { v: 1, stored, duplicates: 0, rejected: [] },
});
export const acceptAll: Script = (messages) => ({ body: { v: 1, outcomes: messages.map(() => done()) } });

export interface ScriptedWorker extends AsyncDisposable {
  readonly url: string;
  /** Messages of each request, in the order of the requests. */
  readonly requests: (readonly RelayedMessage[])[];
  /** What later requests are answered with. */
  script: Script;
  /** Breaks the requests that have no answer yet. */
  hangUp(): void;
}

export const startScriptedWorker = async (): Promise<ScriptedWorker> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const messages = decodeRelayFrame(Buffer.concat(chunks)) ?? [];
      worker.requests.push(messages);
      const answer = worker.script(messages);
      if (answer === undefined) return;
      const { status = 200, headers = {}, body = "" } = answer;
      response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const worker: ScriptedWorker = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    script: acceptAll,
    hangUp: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return worker;
};

export interface Bench extends AsyncDisposable {
  readonly broker: Broker;
  readonly worker: ScriptedWorker;
  /** With what the relay before left, where `RELAY_HANDOVER_FILE` says so. */
  startRelay(env?: Record<string, string>): Promise<Relay>;
  connect(clientId: string): Promise<MqttClient>;
}

/** A broker and a scripted Worker; relays and clients are started by the test. */
export const startBench = async (): Promise<Bench> => {
  const home = await mkdtemp(join(process.env["EDGELOG_TEST_HOME"] ?? tmpdir(), "edgelog-relay-"));
  const broker = await startBroker({ home });
  const worker = await startScriptedWorker();
  return {
    broker,
    worker,
    async startRelay(env = {}) {
      const config = parseConfig({
        RELAY_BROKER_URL: broker.mqttUrl,
        RELAY_BROKER_PASSWORD: broker.secrets.relayPassword,
        RELAY_CLIENT_ID: broker.secrets.relayClientId,
        RELAY_WORKER_URL: worker.url,
        RELAY_TOKEN: "elt_0123456789012345678901234567890123456789",
        RELAY_LINGER_MS: "5",
        RELAY_DRAIN_DEADLINE_MS: "2000",
        ...env,
      });
      const handed = config.handoverFile === undefined ? [] : await takeHandover(config.handoverFile);
      return startRelay(config, pino({ level: "silent" }), handed);
    },
    connect: (clientId) =>
      mqtt.connectAsync(broker.mqttUrl, {
        protocolVersion: 5,
        clientId,
        username: "demo",
        password: broker.secrets.appKey,
      }),
    async [Symbol.asyncDispose]() {
      await worker[Symbol.asyncDispose]();
      await broker.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
};
