/** Connections and requests of the attacker, who has the publishable key of the app `demo`. Their failures are ignored. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import mqtt, { type IClientOptions, type IClientPublishOptions, type MqttClient } from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { logsTopic } from "#contract/wire/topics.ts";
import type { AbuseStack, App } from "./abuse-stack.ts";

const REQUEST_TIMEOUT_MS = 20_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Messages without a PUBACK of one connection. */
const WINDOW = 200;

export type Payload = string | Buffer;

export interface Attacker extends AsyncDisposable {
  readonly client: MqttClient;
  readonly clientId: string;
  /** Publishes with QoS 1 to the own topic; resolves when the broker has acknowledged all, or closed the connection. */
  publish(payloads: Iterable<Payload>, options?: IClientPublishOptions): Promise<void>;
}

export const connectAttacker = async (
  { stack, attacker: demo }: AbuseStack,
  options: IClientOptions = {},
  attacker: App = demo,
): Promise<Attacker> => {
  const clientId = options.clientId ?? `attacker-${uuidv7()}`;
  const client = await mqtt.connectAsync(stack.file.mqtt, {
    protocolVersion: 5,
    username: attacker.id,
    password: attacker.key,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...options,
    clientId,
  });
  client.on("error", () => undefined);
  const topic = logsTopic(attacker.id, clientId);
  const publishOne = (payload: Payload, publishOptions: IClientPublishOptions): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        client.off("close", done);
        resolve();
      };
      client.once("close", done);
      client.publish(topic, payload, { qos: 1, ...publishOptions }, done);
    });
  client.setMaxListeners(0);
  return {
    client,
    clientId,
    async publish(payloads, publishOptions = {}) {
      let window: Promise<void>[] = [];
      for (const payload of payloads) {
        if (!client.connected) return;
        window.push(publishOne(payload, publishOptions));
        if (window.length < WINDOW) continue;
        await Promise.all(window);
        window = [];
      }
      await Promise.all(window);
    },
    async [Symbol.asyncDispose]() {
      await client.endAsync(true);
    },
  };
};

/** Sends a request and reads its response. Resolves to the status; 0 without a response. */
const fetchStatus = async (url: URL, init: RequestInit): Promise<number> => {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
};

/** `POST /logs`. Resolves to the status; 0 without a response. */
export const post = async (
  { stack, attacker: demo }: AbuseStack,
  body: Payload,
  headers: Readonly<Record<string, string>> = {},
  attacker: App = demo,
): Promise<number> =>
  fetchStatus(new URL("/logs", stack.file.worker), {
    method: "POST",
    headers: { Authorization: `Bearer ${attacker.id}:${attacker.key}`, ...headers },
    body: typeof body === "string" ? body : new Uint8Array(body),
  });

/** A request with the reader token of the app `demo`. Resolves to the status; 0 without a response. */
export const read = async ({ stack }: AbuseStack, path: string, init: RequestInit = {}): Promise<number> =>
  fetchStatus(new URL(path, stack.file.worker), {
    ...init,
    headers: { Authorization: `Bearer ${stack.file.readerToken}`, "Content-Type": "application/json" },
  });

/** Opens a TCP connection and sends `bytes`. `undefined` when the connection is refused. */
export const openSocket = async (port: number, bytes: Payload): Promise<Socket | undefined> => {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.resume();
  const isOpen = await Promise.race([
    once(socket, "connect").then(
      () => true,
      () => false,
    ),
    sleep(CONNECT_TIMEOUT_MS, false),
  ]);
  if (!isOpen) return undefined;
  socket.write(bytes);
  return socket;
};

/** Repeats `work` in `parallel` lanes until the time is over. */
export const repeat = async (durationMs: number, parallel: number, work: () => Promise<unknown>): Promise<void> => {
  const deadline = performance.now() + durationMs;
  const lane = async (): Promise<void> => {
    while (performance.now() < deadline) {
      const startedMs = performance.now();
      await work();
      // Work that fails at once must not occupy this process.
      if (performance.now() - startedMs < 1) await sleep(1);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
};
