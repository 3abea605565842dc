/** Many MQTT clients that are connected and silent, in a separate process. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execaNode } from "execa";
import mqtt, { type MqttClient } from "mqtt";
import { logsTopic, mqttUserOfKey, receiptsTopic } from "#contract/wire/topics.ts";
import { makePayload } from "./payload.ts";

/** Clients that connect at the same time while the process starts. */
const CONNECTING = 100;

const RECONNECT_MS = 500;
/** Spreads the attempts, as the browser logger does. */
const RECONNECT_JITTER_MS = 1_000;
const KEEPALIVE_SECONDS = 120;

export interface IdleClientsOptions {
  readonly url: string;
  readonly app: string;
  readonly key: string;
  readonly caFile: string;
  readonly clients: number;
}

/** `connected` is sent when all are connected, `published` when the broker has acknowledged one event of each. */
export type IdleClientsMessage = "connected" | "published";
export type IdleClientsCommand = "publish";

const serve = async ({ url, app, key, caFile, clients }: IdleClientsOptions): Promise<void> => {
  const ca = readFileSync(caFile);
  const username = mqttUserOfKey(app, key);
  const open = new Map<string, MqttClient>();
  const connected = new Set<string>();
  const report = (): void => {
    if (connected.size === clients) process.send?.("connected" satisfies IdleClientsMessage);
  };
  const connect = (i: number): Promise<void> =>
    new Promise((resolve) => {
      const clientId = `idle-${i}`;
      const client = mqtt.connect(url, {
        protocolVersion: 5,
        clientId,
        username,
        password: key,
        ca,
        keepalive: KEEPALIVE_SECONDS,
        reconnectPeriod: RECONNECT_MS + Math.random() * RECONNECT_JITTER_MS,
        connectTimeout: 60_000,
        clean: true,
      });
      open.set(clientId, client);
      client.on("connect", () => {
        client.subscribe(receiptsTopic(username, clientId), { qos: 1 });
        connected.add(clientId);
        report();
        resolve();
      });
      client.on("close", () => connected.delete(clientId));
      client.on("error", () => undefined);
    });
  for (let i = 0; i < clients; i += CONNECTING) {
    await Promise.all(Array.from({ length: Math.min(CONNECTING, clients - i) }, (_, k) => connect(i + k)));
  }
  process.on("message", (command: IdleClientsCommand) => {
    if (command !== "publish") return;
    const all = [...open].map(([clientId, client]) =>
      client.publishAsync(logsTopic(username, clientId), makePayload(1), { qos: 1 }),
    );
    void Promise.all(all).then(() => process.send?.("published" satisfies IdleClientsMessage));
  });
  process.on("disconnect", () => process.exit());
};

export interface IdleClients extends AsyncDisposable {
  /** Resolves when the next message of this kind arrives. */
  next(message: IdleClientsMessage): Promise<void>;
  /** Lets each client publish one event. */
  publish(): Promise<void>;
}

/** Resolves at once; `next("connected")` resolves when all clients are connected. */
export const startIdleClients = (options: IdleClientsOptions): IdleClients => {
  const child = execaNode(fileURLToPath(import.meta.url), [JSON.stringify(options)], {
    ipc: true,
    reject: false,
    serialization: "json",
    nodeOptions: ["--max-old-space-size=4096"],
  });
  return {
    next: async (message) => {
      await child.getOneMessage({ filter: (received: unknown) => received === message });
    },
    publish: async () => {
      await child.sendMessage("publish" satisfies IdleClientsCommand);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child;
    },
  };
};

if (import.meta.main) await serve(JSON.parse(process.argv[2] ?? "") as IdleClientsOptions);
