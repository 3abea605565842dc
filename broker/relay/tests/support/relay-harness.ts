/**
 * Runs a relay between a real broker and a scripted Worker.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import mqtt, { type MqttClient } from "mqtt";
import { pino } from "pino";
import {
  decodeRelayFrame,
  type RelayFrame,
  type RelayedMessage,
  type RelayOutcome,
} from "#contract/relay/relay-frame.ts";
import { makeHome } from "../../../../tests/support/make-home.ts";
import { hashPassword, readPasswords, writePasswords } from "../../../../stack/apps/password-file.ts";
import { pathsOf } from "../../../../stack/lib/state-dir.ts";
import { startBroker, type Broker } from "../../../../stack/services/broker.ts";
import { parseConfig } from "../../src/config.ts";
import { readRelayFiles } from "../../src/read-files.ts";
import { startRelay, type Relay } from "../../src/start-relay.ts";

/** Returns the response to one request, or `undefined` to send no response. */
export type Responder = (messages: readonly RelayedMessage[], frame: RelayFrame) => ScriptedResponse | undefined;

export interface ScriptedResponse {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export const done = (stored = 1): RelayOutcome => ({
  state: "done",
  receipt: { v: 1, stored, duplicates: 0, rejected: [] },
});
export const acceptAll = (messages: readonly RelayedMessage[]): ScriptedResponse => ({
  body: { v: 1, outcomes: messages.map(() => done()) },
});

/** The Worker's refusal of a request, whatever its messages are. */
export const refusal: ScriptedResponse = {
  status: 400,
  headers: { "Content-Type": "application/problem+json" },
  body: { title: "Bad Request", status: 400, reason: "unknown_shape", detail: "The body is not a valid relay frame." },
};

/** The default responses of nginx to an HTTP request on its TLS port, and to a body above 1 MiB. */
export const NGINX_PAGES = {
  badRequest: { status: 400, headers: { "Content-Type": "text/html" }, body: "<html>400 Bad Request</html>" },
  tooLarge: { status: 413, headers: { "Content-Type": "text/html" }, body: "<html>413 Too Large</html>" },
} as const satisfies Record<string, ScriptedResponse>;

export interface ScriptedWorker extends AsyncDisposable {
  readonly url: string;
  /** Messages of each request, in the order of the requests. */
  readonly requests: (readonly RelayedMessage[])[];
  /** Responds to all later requests. Default: every message is done. */
  respond: Responder;
  /** Closes all connections, including those of requests without a response. */
  closeConnections(): void;
}

export const startScriptedWorker = async (): Promise<ScriptedWorker> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url === "/healthz") {
        response.end();
        return;
      }
      const frame = decodeRelayFrame(Buffer.concat(chunks)) ?? { messages: [] };
      worker.requests.push(frame.messages);
      const scripted = worker.respond(frame.messages, frame);
      if (scripted === undefined) return;
      const { status = 200, headers = {}, body = "" } = scripted;
      response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const worker: ScriptedWorker = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    respond: acceptAll,
    closeConnections: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return worker;
};

export interface RelayHarness extends AsyncDisposable {
  readonly broker: Broker;
  readonly worker: ScriptedWorker;
  /** The environment of a relay; `env` overrides its settings. */
  toRelayEnv(env?: Record<string, string>): Record<string, string>;
  /** Starts a relay; `env` overrides its settings. Reads the file at `RELAY_HANDOVER_FILE` if that is set. */
  startRelay(env?: Record<string, string>): Promise<Relay>;
  /** Connects as a user that {@link addUsers} has added, by default as the demo app. */
  connect(clientId: string, user?: string): Promise<MqttClient>;
  /** Adds users with the demo app's password to the broker. */
  addUsers(users: readonly string[]): Promise<void>;
}

/** Mosquitto reads its password file a moment after SIGHUP. */
const connectOnce = async ({ mqttUrl, secrets }: Broker, username: string): Promise<void> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const client = await mqtt.connectAsync(
        mqttUrl,
        { username, password: secrets.appKey, reconnectPeriod: 0 },
        false,
      );
      await client.endAsync(true);
      return;
    } catch (error) {
      if (attempt === 50) throw error;
      await sleep(100);
    }
  }
};

/**
 * Starts a broker and a scripted Worker. Tests start relays and clients as needed.
 *
 * @param brokerConfig Lines that are added to mosquitto.conf.
 */
export const startRelayHarness = async (brokerConfig = ""): Promise<RelayHarness> => {
  const home = await makeHome("edgelog-relay");
  const localConfig = join(pathsOf(home).mosquitto, "conf.d", "local.conf");
  await mkdir(dirname(localConfig), { recursive: true });
  await writeFile(localConfig, brokerConfig);
  const broker = await startBroker({ home });
  const worker = await startScriptedWorker();
  const toRelayEnv: RelayHarness["toRelayEnv"] = (env = {}) => ({
    RELAY_BROKER_URL: broker.mqttUrl,
    RELAY_BROKER_PASSWORD: broker.secrets.relayPassword,
    RELAY_CLIENT_ID: broker.secrets.relayClientId,
    RELAY_WORKER_URL: worker.url,
    RELAY_TOKEN: "elt_0123456789012345678901234567890123456789",
    RELAY_LINGER_MS: "5",
    RELAY_DRAIN_DEADLINE_MS: "2000",
    ...env,
  });
  return {
    broker,
    worker,
    toRelayEnv,
    async startRelay(env) {
      const config = parseConfig(toRelayEnv(env));
      const logger = pino({ level: "silent" });
      return startRelay(config, logger, await readRelayFiles(config, logger));
    },
    connect: (clientId, user = "demo") =>
      mqtt.connectAsync(broker.mqttUrl, {
        protocolVersion: 5,
        clientId,
        username: user,
        password: broker.secrets.appKey,
      }),
    async addUsers(users) {
      const { passwords } = pathsOf(home);
      const hash = hashPassword(broker.secrets.appKey);
      const before = (await readPasswords(passwords)) ?? new Map<string, string>();
      await writePasswords(passwords, new Map([...before, ...users.map((user) => [user, hash] as const)]));
      broker.kill("SIGHUP");
      for (const user of users) await connectOnce(broker, user);
    },
    async [Symbol.asyncDispose]() {
      await worker[Symbol.asyncDispose]();
      await broker.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
};
